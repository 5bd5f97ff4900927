"""What a finding rests on, and whom it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from catalog.assets.attributes import CLASSIFICATION
from catalog.assets.keys import Kind
from catalog.checks.filling.entity import camel, names
from catalog.checks.filling.known import Known
from catalog.checks.flow_graph import Graph
from catalog.checks.flow_verdict import Violation
from catalog.checks.judgement import Finding, Hop, Witness
from catalog.checks.policy import paths
from catalog.checks.snapshot import Place, Thing
from catalog.checks.subjects import WrongSubject
from catalog.manifest.documents.policies import Policy

LONGEST_TEXT = 1_000
"""Characters of a text that a witness quotes."""
LONGEST_LIST = 50
"""Members of a list that a witness quotes."""
_FROM = {"level": CLASSIFICATION, "fields": CLASSIFICATION, "sources": CLASSIFICATION, "inactive_owners": "owners"}
"""Attributes that members come from whose name is another one."""


def witness(known: Known, places: Iterable[Place], facts: Mapping[str, Any], path: tuple[Hop, ...] = ()) -> Witness:
    """The facts that were read of some places, with the entries that told them."""
    attributes = {_attribute(name) for name in facts}
    entries = {entry for place in places for entry in _entries(known, place, attributes)}
    return Witness({name: quoted(value) for name, value in facts.items()}, path, tuple(sorted(entries)))


def quoted(value: Any) -> Any:
    """A value as a witness quotes it: what is left out of a long one is said."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value):,} characters)"
    if isinstance(value, list):
        more = [f"… and {len(value) - LONGEST_LIST:,} more"] if len(value) > LONGEST_LIST else []
        return [quoted(item) for item in value[:LONGEST_LIST]] + more
    if isinstance(value, Mapping):
        return {name: quoted(item) for name, item in value.items()}
    return value


def addressees(known: Known, thing: Thing | None, policy: Policy) -> tuple[str, ...]:
    """Who answers for a thing; if nobody, for its domain; if nobody, for the policy."""
    return answering(known, thing) or tuple(sorted(set(policy.owners)))


def answering(known: Known, thing: Thing | None) -> tuple[str, ...]:
    """Who owns a thing or, of a request or an attestation, answers for it; if nobody, who does for its domain."""
    if thing is None:
        return ()
    found = names(thing.attributes.get("owners"))
    if not found and isinstance(thing.document.get("owner"), str):
        found = [thing.document["owner"]]
    for name in known.domains(thing) if not found else ():
        declared = known.named(Kind.DOMAIN, name)
        found = names(declared.attributes.get("owners") or declared.document.get("owners")) if declared else []
        if found:
            break
    return tuple(sorted(set(found)))


def waived(finding: Finding, waiver: Thing) -> Finding:
    """A breach that a waiver covers: who excused it, why and until when stand among its facts."""
    document = waiver.document
    said = {f"waiver.{name}": quoted(document.get(name)) for name in ("approver", "reason", "expires")}
    entries = tuple(sorted({*finding.witness.entries, *filter(None, waiver.entries.values())}))
    told = Witness({**finding.witness.facts, **said}, finding.witness.path, entries)
    return replace(finding, outcome="WAIVED", witness=told, waiver=waiver.key.name)


def flow_facts(policy: Policy, graph: Graph, found: Violation) -> dict[str, Any]:
    """What the predicates read of both ends of a way, by dotted name."""
    known = {"source": found.source, "sink": found.sink}
    unless = policy.unless or ""
    return {
        name: _value(graph, known[name.partition(".")[0]], path)
        for name, path in _read(policy.from_ or "", policy.to or "", unless)
    }


@lru_cache(maxsize=1_000)
def _read(from_: str, to: str, unless: str) -> list[tuple[str, list[str]]]:
    """What the predicates of a flow policy read of both ends, by dotted name, in order, with the names' parts."""
    read = {"source": paths(from_, "node") | paths(unless, "source"), "sink": paths(to, "node") | paths(unless, "sink")}
    return [(f"{end}.{path}", path.split(".")) for end in sorted(read) for path in sorted(read[end])]


def _value(graph: Graph, node: int, path: Sequence[str]) -> Any:
    try:
        value = graph.node(node, path[0])
    except WrongSubject as wrong:
        return str(wrong)
    for part in path[1:]:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _attribute(name: str) -> str:
    """The attribute that a fact's dotted name means: `dataset.location.country` means `location`."""
    member = name.split(".")[1] if "." in name else name
    return _FROM.get(member) or camel(member)


def _entries(known: Known, place: Place, attributes: Iterable[str]) -> Iterable[str]:
    thing = known.snapshot.things.get(place.thing)
    if thing is None:
        return []
    column = thing.columns.get(place.column) if place.column else None
    told = [thing.entries, column.entries] if column else [thing.entries]
    return [entry for one in told for attribute in attributes if (entry := one.get(attribute))]
