"""Evaluations that somebody orders: what is asked is checked before it is ordered, and answered in one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from catalog.assets.keys import Key, Kind, thing_id
from catalog.checks.choosing import policy_place_id
from catalog.checks.judgement import Finding, Hop
from catalog.checks.reconciliation import SEVERITIES, WAIVED
from catalog.checks.snapshot import Place, Snapshot
from catalog.clock import to_iso
from catalog.errors import UnknownKey
from catalog.graph.orders import Order
from catalog.graph.reader import Reader
from catalog.graph.walk import Moment
from catalog.usecases.evaluate import Evaluator, Judged
from catalog.usecases.orders import Done, Tell

EVALUATE = "EVALUATE"
MOST_FINDINGS = 5_000
"""Findings that an answer shows, the worst first; the counts are of all."""
Json = dict[str, Any]


class Asked(NamedTuple):
    """What is to be evaluated.

    Attributes:
        packs: empty for those that the catalog is judged by.
        entities: empty for everything.
    """

    packs: tuple[str, ...] = ()
    entities: tuple[Key, ...] = ()
    as_of: int | None = None
    known_at: int | None = None

    def to_json(self) -> Json:
        """As an order keeps it."""
        return {
            "packs": sorted(set(self.packs)),
            "entities": sorted({(str(key.kind), key.namespace, key.name) for key in self.entities}),
            "asOf": self.as_of,
            "knownAt": self.known_at,
        }


def asked_of(parameters: Mapping[str, Any]) -> Asked:
    """What an order asks."""
    keys = tuple(Key(Kind(kind), namespace, name) for kind, namespace, name in parameters["entities"])
    return Asked(tuple(parameters["packs"]), keys, parameters["asOf"], parameters["knownAt"])


def evaluating(evaluator: Evaluator, order: Order, tell: Tell) -> Done:
    """The work of an order of kind EVALUATE."""
    asked = asked_of(order.parameters)
    things = [thing_id(key) for key in asked.entities] or None
    packs = asked.packs or evaluator.schedule.packs
    ours = set(packs) == set(evaluator.schedule.packs)
    try:
        if asked.as_of is None and asked.known_at is None and ours:
            judged = evaluator.present(things, tell)
        else:
            judged = evaluator.answer(packs, Moment(asked.as_of, asked.known_at), things, tell)
    except UnknownKey as e:
        if things is None:
            raise
        named = "; ".join(f"{key.kind} {key.namespace} {key.name}".replace("  ", " ") for key in asked.entities[:5])
        raise UnknownKey(f"{e}: {named}", e.key) from None
    number = str(judged.kept.number) if judged.kept else ""
    return Done(number, orjson.dumps(answer(judged, ours), option=orjson.OPT_SORT_KEYS, default=str))


def answer(judged: Judged, ours: bool) -> Json:
    """What came out, as programs read it."""
    snapshot, judgement = judged.snapshot, judged.judgement
    found = sorted(judgement.findings, key=_worst_first)
    open_ = [each for each in found if each.outcome != WAIVED]
    why = (
        ""
        if judged.kept
        else "it is about another moment"
        if ours
        else "other packs are asked for than HEADWATER_PACKS"
    )
    return {
        "reconciled": judged.kept is not None,
        "notReconciled": why or None,
        "evaluation": judged.kept.number if judged.kept else None,
        "moved": dict(judged.kept.moved) if judged.kept else None,
        "at": to_iso(snapshot.at),
        "asOf": to_iso(snapshot.as_of),
        "knownAt": snapshot.known_at,
        "packs": list(judged.packs),
        "seconds": round(judged.seconds, 3),
        "unknown": [*snapshot.unknown, *judged.told],
        "policies": [
            {"name": used.name, "version": used.version, "pack": used.pack, "sha256": used.sha256, **_outcomes(counts)}
            for used, counts in zip(judgement.policies, judgement.populations, strict=True)
        ],
        "open": {severity: sum(each.severity == severity for each in open_) for severity in SEVERITIES},
        "waived": len(found) - len(open_),
        "shown": min(len(found), MOST_FINDINGS),
        "findings": [_finding(each, snapshot) for each in found[:MOST_FINDINGS]],
    }


def shown_to(reader: Reader, answered: Json) -> Json:
    """An answer without findings that speak of what a reader may not see; how many these are."""
    seen = [each for each in answered["findings"] if reader.may_see(_namespaces(each))]
    return {**answered, "findings": seen, "hidden": len(answered["findings"]) - len(seen)}


def _namespaces(finding: Json) -> set[str]:
    named = [finding["entity"], finding["source"]]
    named += [end for hop in finding["path"] for end in (hop["from"], hop["to"], hop["job"])]
    return {one["namespace"] for one in named if one}


def _outcomes(population: Any) -> Json:
    outcomes = {outcome: len(places) for outcome, places in sorted(population.outcomes.items()) if places}
    return {"outcomes": outcomes, "complete": population.complete}


def _worst_first(finding: Finding) -> tuple[bool, int, str, Place]:
    return finding.outcome == WAIVED, SEVERITIES.index(finding.severity), finding.policy, finding.place


def _finding(finding: Finding, snapshot: Snapshot) -> Json:
    return {
        "id": finding.id,
        "policy": finding.policy,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "message": finding.message,
        "entity": _named(finding.place.thing, snapshot, finding.policy),
        "field": finding.place.column or None,
        "source": _place(finding.source, snapshot) if finding.source else None,
        "owners": list(finding.owners),
        "waiver": finding.waiver or None,
        "facts": dict(finding.witness.facts),
        "path": _path(finding.witness.path, snapshot),
        "entries": list(finding.witness.entries),
    }


def _path(path: Sequence[Hop], snapshot: Snapshot) -> list[Json]:
    return [
        {
            "from": _place(hop.source, snapshot),
            "to": _place(hop.target, snapshot),
            "job": _named(hop.job, snapshot) if hop.job else None,
        }
        for hop in path
    ]


def _place(place: Place, snapshot: Snapshot) -> Json:
    return {**_named(place.thing, snapshot), "field": place.column or None}


def _named(id_: str, snapshot: Snapshot, policy: str = "") -> Json:
    thing = snapshot.things.get(id_)
    if thing is not None:
        return thing.key.spelled()
    if policy and id_ == policy_place_id(policy):
        return {"kind": str(Kind.POLICY), "namespace": "", "name": policy}
    return {"kind": None, "namespace": "", "name": id_}
