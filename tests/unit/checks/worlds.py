"""Snapshots written down: a few things with what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.checks.choosing import Chosen
from catalog.checks.engine import engine
from catalog.checks.judgement import Finding, Judgement
from catalog.checks.policy import compile_policy
from catalog.checks.snapshot import Column, ColumnEdge, Edge, Observed, Place, Snapshot, Thing
from catalog.manifest.canonical import read
from catalog.manifest.documents.policies import Policy

HOUR = 3_600 * 1_000_000
DAY = 24 * HOUR
NOW = 1_767_225_600 * 1_000_000
"""2026-01-01T00:00:00Z."""
_OBSERVED = frozenset(Observed.__slots__)


def thing(id: str, kind: Kind = Kind.DATASET, *, columns: Iterable[Column] = (), **told: Any) -> Thing:
    """A thing called like its id; what is told goes by the names of attributes or of `Observed`."""
    namespace = told.pop("namespace", "pg" if kind in (Kind.DATASET, Kind.PIPELINE) else "")
    name = told.pop("name", id)
    document, entries = told.pop("document", {}), told.pop("entries", {})
    observed = Observed(**{key: told.pop(key) for key in list(told) if key in _OBSERVED})
    return Thing(
        id,
        Key(kind, namespace, name),
        attributes=told,
        entries=entries,
        document=document,
        columns={one.name: one for one in columns},
        observed=observed,
    )


def column(name: str, **told: Any) -> Column:
    """A column with what is said of it."""
    return Column(name, told.pop("type", None), told, told.pop("entries", {}))


def flows(*pairs: str, kind: str = "") -> tuple[Edge, ...]:
    """Edges written `a -> b`; a name that begins with `job` is a job."""
    found = []
    for pair in pairs:
        source, _, target = pair.split()
        usual = "READS" if target.startswith("job") else "WRITES" if source.startswith("job") else "DERIVES_FROM"
        found.append(Edge(source, target, kind or usual))
    return tuple(sorted(found))


def columns(*pairs: str, job: str = "", **told: Any) -> tuple[ColumnEdge, ...]:
    """Column lineage written `a.x -> b.y`."""
    found, type_ = [], told.pop("type", "DIRECT")
    for pair in pairs:
        source, _, target = pair.split()
        found.append(ColumnEdge(place(source), place(target), job, type_, **told))
    return tuple(sorted(found))


def place(text: str) -> Place:
    """`a` or `a.x`."""
    thing_, _, column_ = text.partition(".")
    return Place(thing_, column_)


def snapshot(*things: Thing, at: int = NOW, whole: bool = True, **given: Any) -> Snapshot:
    """Those things at a moment."""
    edges, column_edges = tuple(given.pop("edges", ())), tuple(given.pop("column_edges", ()))
    return Snapshot(at, None, 1, {one.id: one for one in things}, edges, column_edges, whole, **given)


def chosen(**fields: Any) -> Chosen:
    """A policy to judge by; its cases are not run."""
    given = {"kind": "Policy", "name": "p", "version": "1", "severity": "low", "type": "entity", "target": "dataset"}
    policy = read({**given, **fields})
    assert isinstance(policy, Policy)
    return Chosen(compile_policy(policy, engine()), "test")


def outcomes(judged: Judgement) -> dict[str, dict[str, list[str]]]:
    """By policy and outcome the places, written as `place` reads them."""
    return {
        one.policy: {outcome: [spelled(found) for found in places] for outcome, places in one.outcomes.items()}
        for one in judged.populations
    }


def spelled(found: Place) -> str:
    """A place as `place` reads it."""
    return f"{found.thing}.{found.column}" if found.column else found.thing


def told(judged: Judgement) -> list[tuple[str, str, str]]:
    """Place, outcome and message of each finding."""
    return [(spelled(one.place), one.outcome, one.message) for one in judged.findings]


def facts(finding: Finding) -> Mapping[str, Any]:
    """What a finding rests on."""
    return finding.witness.facts
