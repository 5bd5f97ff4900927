"""A snapshot judged by policies: what becomes of every subject, and a finding for each that does not hold.

Fails closed: what cannot be evaluated is an ERROR of its subject, what cannot be loaded an ERROR of the policy itself,
and a population that cannot be counted whole is not judged at all. Nothing depends on the order of things, edges or
policies, and nothing of the outcome on the other policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import Any, NamedTuple

from catalog.checks.asking import Asking
from catalog.checks.choosing import Chosen, policy_place_id
from catalog.checks.classification.propagate import Propagated
from catalog.checks.flow import judge_flow
from catalog.checks.flowing import Flowing
from catalog.checks.judge import Outcome, bind, judge_bound
from catalog.checks.judgement import OUTCOMES, Finding, Hop, Judgement, PolicyUsed, Population
from catalog.checks.law import not_yet
from catalog.checks.rows import Rows, Values
from catalog.checks.selecting import selected
from catalog.checks.snapshot import Place, Snapshot
from catalog.checks.subjects_of import Subjects
from catalog.checks.waivers import Waivers
from catalog.checks.witness import addressees, flow_facts, waived, witness
from catalog.clock import EPOCH
from catalog.heap import check_room, growing
from catalog.lineage.canonical import canonical as spelled
from catalog.lineage.canonical import content_key
from catalog.manifest.canonical import canonical

NAMED = 20
"""Members of a population that a finding about it names."""


def evaluate(
    snapshot: Snapshot,
    policies: Sequence[Chosen],
    *,
    places: Container[Place] | None = None,
    before: Snapshot | None = None,
    tell: Callable[[int], None] = lambda _: None,
    propagated: Propagated | None = None,
) -> Judgement:
    """Judge a snapshot.

    Args:
        places: those that are judged; None for all. The outcome is that of all, restricted to them.
        before: what policies of type change compare with; without it they are judged of nothing, which they say.
        tell: is told before each policy how many are judged; what it raises ends the evaluation.
        propagated: of this snapshot, where the caller needs it, too; else it is computed once a policy asks for it.
    """
    judging = _Evaluation(snapshot, places, before, propagated)
    ordered = sorted(policies, key=lambda one: one.compiled.policy.name)
    populations = list[Population]()
    with growing():
        for at, one in enumerate(ordered):
            tell(at)
            check_room()
            populations.append(judging.population(one))
    findings = sorted(judging.findings, key=lambda one: (one.policy, one.place, one.source or Place("")))
    return Judgement(tuple(map(used, ordered)), tuple(populations), tuple(findings))


def used(chosen: Chosen) -> PolicyUsed:
    """A policy as reports cite it."""
    policy = chosen.compiled.policy
    text = spelled(canonical(policy))
    return PolicyUsed(policy.name, policy.version, chosen.pack, content_key(text), text.decode())


class Way(NamedTuple):
    """Where data came from, and the hops that they took."""

    source: Place
    hops: tuple[Hop, ...]


class _Outcomes:
    """What becomes of a policy's subjects."""

    def __init__(self) -> None:
        self._found: dict[str, list[Place]] = defaultdict(list)

    def add(self, outcome: str, place: Place) -> None:
        self._found[outcome].append(place)

    def population(self, policy: str, *, complete: bool = True) -> Population:
        ordered = {str(name): tuple(sorted(self._found[name])) for name in OUTCOMES if name in self._found}
        return Population(policy, ordered, complete)


class _Evaluation:
    def __init__(
        self,
        snapshot: Snapshot,
        places: Container[Place] | None,
        before: Snapshot | None,
        propagated: Propagated | None,
    ) -> None:
        self.findings: list[Finding] = []
        self._snapshot = snapshot
        self._within = places
        self._subjects = Subjects(snapshot, propagated)
        self._before = Subjects(before) if before is not None else None
        self._waivers = Waivers(self._subjects.known)
        self._values = Values()
        self._rows: dict[str, Rows] = {}
        self._addressed: dict[tuple[str, str], tuple[str, ...]] = {}

    @cached_property
    def _now(self) -> Any:
        return EPOCH + timedelta(microseconds=self._snapshot.at)

    def population(self, chosen: Chosen) -> Population:
        """Judge one policy; its findings are added to those of all."""
        if chosen.refused:
            return self._refused(chosen)
        judge: Callable[[Chosen], Population] = {
            "entity": self._entity,
            "change": self._change,
            "aggregate": self._aggregate,
            "flow": self._flow,
        }[chosen.compiled.policy.type]
        told, waits = judge(chosen), not_yet(chosen.compiled.policy, self._now)
        return replace(told, waits=waits) if waits else told

    def _refused(self, chosen: Chosen) -> Population:
        policy, found = chosen.compiled.policy, _Outcomes()
        place = Place(policy_place_id(policy.name))
        if self._asked(place):
            found.add(Outcome.ERROR, place)
            reason = f"the policy cannot be judged by: {chosen.refused}"
            self._tell(chosen, place, Outcome.ERROR, reason, dict)
        return found.population(policy.name)

    def _entity(self, chosen: Chosen) -> Population:
        return self._each(chosen, self._rows_of(chosen.compiled.policy.target))

    def _each(self, chosen: Chosen, rows: Rows) -> Population:
        if not_yet(chosen.compiled.policy, self._now):
            waiting = {str(Outcome.NOT_APPLICABLE): tuple(rows.places)} if rows.places else {}
            return Population(chosen.compiled.policy.name, waiting)
        asking, found = Asking(chosen.compiled, rows, self._now), _Outcomes()
        for at, (place, verdict) in enumerate(zip(rows.places, asking.verdicts(), strict=True)):
            outcome = str(verdict.outcome)
            if verdict.outcome in (Outcome.FAIL, Outcome.ERROR):
                message = verdict.reason or asking.message(at)
                outcome = self._tell(chosen, place, verdict.outcome, message, partial(asking.facts, at))
            found.add(outcome, place)
        return found.population(chosen.compiled.policy.name)

    def _change(self, chosen: Chosen) -> Population:
        policy, earlier = chosen.compiled.policy, self._before
        if earlier is None:
            return Population(policy.name, {}, complete=False)
        places = {*earlier.places(policy.target), *self._subjects.places(policy.target)}
        sides = {"before": earlier, "after": self._subjects}
        there = {name: set(side.places(policy.target)) for name, side in sides.items()}

        def fill(variable: str, name: str, place: Place) -> Any:
            if variable in ("created", "deleted"):
                return place not in there["before" if variable == "created" else "after"]
            if place not in there[variable]:
                return None
            return sides[variable].raw(policy.target, policy.target, name, place)

        def complete(variable: str, name: str, raw: Any) -> Any:
            return (
                raw
                if variable in ("created", "deleted")
                else self._subjects.complete(policy.target, policy.target, name, raw)
            )

        return self._each(chosen, Rows(sorted(filter(self._asked, places)), self._values, fill, complete))

    def _aggregate(self, chosen: Chosen) -> Population:
        policy, found = chosen.compiled.policy, _Outcomes()
        place = Place(policy_place_id(policy.name))
        if not self._snapshot.whole:
            return Population(policy.name, {}, complete=False)
        if not self._asked(place):
            return found.population(policy.name)
        if not_yet(policy, self._now):
            found.add(Outcome.NOT_APPLICABLE, place)
            return found.population(policy.name)
        selector = canonical(policy).get("population")
        everybody = self._everybody(policy.target)
        asking = Asking(chosen.compiled, everybody, self._now)
        total, matching, without = 0, 0, list[Place]()
        for one, holds in zip(everybody.places, asking.matching(), strict=True):
            if selector is not None and not selected(self._subjects.known, selector, one):
                continue
            if not isinstance(holds, bool):
                reason = f"`when` of {self._name(one)}: {holds.reason}"
                self._tell(chosen, place, Outcome.ERROR, reason, dict)
                found.add(Outcome.ERROR, place)
                return found.population(policy.name)
            total, matching = total + 1, matching + holds
            without += [] if holds else [one]
        if not total:
            found.add(Outcome.NOT_APPLICABLE, place)
            return found.population(policy.name)
        counted = {"total": total, "matching": matching, "share": matching / total}
        ready = bind(chosen.compiled.engine, policy.parameters, self._now, {"population": counted})
        verdict = judge_bound(chosen.compiled, ready, applies=True)
        outcome = str(verdict.outcome)
        if verdict.outcome in (Outcome.FAIL, Outcome.ERROR):
            facts: dict[str, Any] = {f"population.{name}": value for name, value in counted.items()}
            facts["population.without"] = [self._name(one) for one in without[:NAMED]]
            outcome = self._tell(chosen, place, verdict.outcome, verdict.reason or verdict.message, lambda: facts)
        found.add(outcome, place)
        return found.population(policy.name)

    def _flow(self, chosen: Chosen) -> Population:
        """Shown are all things that data flow to; a policy concerns those for which `to` holds."""
        policy, graph, found = chosen.compiled.policy, self._flowing, _Outcomes()
        shown = [(node, place) for node, _ in graph.parts if self._asked(place := graph.places[node])]
        asked = None if self._within is None else [node for node, _ in shown]
        verdict = judge_flow(chosen.compiled, graph, self._now, asked)
        broken: dict[int, str] = {}
        for one in verdict.violations:
            sink, source = graph.places[one.sink], graph.places[one.source]
            if self._asked(sink):
                facts = partial(flow_facts, policy, graph, one)
                way = Way(source, graph.hops(one.path, one.jobs))
                outcome = self._tell(chosen, sink, Outcome.FAIL, one.message, facts, way)
                broken[one.sink] = outcome if broken.get(one.sink) != Outcome.FAIL else Outcome.FAIL
        concerned = set(verdict.sinks)
        passed = Outcome.PASS if verdict.sources else Outcome.NOT_APPLICABLE
        doubtful = {node: f"what reaches it is not known: {why}" for node, why in verdict.doubtful.items()}
        wrong = {**{node: why for node, why in doubtful.items() if node in concerned}, **verdict.failed}
        for node, place in shown if wrong else ():
            if node in wrong and node not in broken:
                broken[node] = self._tell(chosen, place, Outcome.ERROR, wrong[node], dict)
        told = {**dict.fromkeys(concerned, passed), **broken}
        for node, place in shown:
            found.add(told.get(node, Outcome.NOT_APPLICABLE), place)
        return found.population(policy.name, complete=verdict.complete)

    @cached_property
    def _flowing(self) -> Flowing:
        return Flowing(self._subjects, self._values)

    def _tell(
        self,
        chosen: Chosen,
        place: Place,
        outcome: Outcome,
        message: str,
        facts: Callable[[], dict[str, Any]],
        way: Way | None = None,
    ) -> str:
        """Add a finding; gives its outcome, which is WAIVED if a waiver covers a breach."""
        policy, known = chosen.compiled.policy, self._subjects.known
        finding = Finding(
            policy=policy.name,
            place=place,
            source=Place(way.source.thing) if way else None,
            outcome=str(outcome),
            severity=policy.severity,
            message=message,
            owners=self._owners(chosen, place),
            witness=witness(known, [place, *([way.source] if way else ())], facts(), way.hops if way else ()),
        )
        waiver = self._waivers.covering(policy.name, place) if outcome is Outcome.FAIL else None
        finding = waived(finding, waiver) if waiver is not None else finding
        self.findings.append(finding)
        return finding.outcome

    def _owners(self, chosen: Chosen, place: Place) -> tuple[str, ...]:
        policy = chosen.compiled.policy
        found = self._addressed.get((place.thing, policy.name))
        if found is None:
            found = addressees(self._subjects.known, self._subjects.thing(place), policy)
            self._addressed[place.thing, policy.name] = found
        return found

    def _asked(self, place: Place) -> bool:
        return self._within is None or place in self._within

    def _name(self, place: Place) -> str:
        thing = self._subjects.thing(place)
        name = thing.key.name if thing else place.thing
        return f"{name}.{place.column}" if place.column else name

    def _rows_of(self, target: str) -> Rows:
        found = self._rows.get(target)
        if found is None:
            found = self._rows[target] = self._made(target, filter(self._asked, self._subjects.places(target)))
        return found

    def _everybody(self, target: str) -> Rows:
        return self._rows_of(target) if self._within is None else self._made(target, self._subjects.places(target))

    def _made(self, target: str, places: Iterable[Place]) -> Rows:
        def fill(variable: str, name: str, place: Place) -> Any:
            return self._subjects.raw(target, variable, name, place)

        def complete(variable: str, name: str, raw: Any) -> Any:
            return self._subjects.complete(target, variable, name, raw)

        def shared(variable: str, place: Place) -> str | None:
            return place.thing if target == "field" and variable == "dataset" else None

        return Rows(tuple(places), self._values, fill, complete, shared)
