"""Answer "which version to go back to": what a deployment served before, each with reasons for and against, ordered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.assets.keys import entity_id
from catalog.clock import DAY, to_iso
from catalog.graph import lifecycle
from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.walk import DATASET, DOWNSTREAM, Caps, Moment, Node
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.model import VersionKey
from catalog.lineage.lifecycle import Lifecycle
from catalog.lineage.models import deployment_name
from catalog.lineage.runs import RunState
from catalog.lineage.serving import Stint
from catalog.usecases.model_versions import Detail, deployment_key, details, documented
from catalog.usecases.moments import Standing, standing
from catalog.usecases.production import one
from catalog.usecases.spoilt import Bad, Verdict
from catalog.usecases.touched import Judge, find

MOST_CANDIDATES = 50
_SAID = {Verdict.TOUCHED: "bad data", Verdict.POSSIBLE: "bad data possible", Verdict.CLEAR: "no bad data"}
_RETIRED = frozenset({"archived", "retired", "deprecated", "removed"})


@dataclass(frozen=True, slots=True)
class BadData:
    """Data that a version must not have been trained on: a dataset, a column of it, or one version of it."""

    name: Name
    field: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that was served before.

    Attributes:
        eligible: nothing rules it out; `reasons_against` of an eligible one are doubts.
        stints: when the deployment served it.
    """

    key: VersionKey
    eligible: bool
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    stints: tuple[Stint, ...]
    detail: Detail | None


@dataclass(frozen=True, slots=True)
class Rollback:
    """The candidates of a deployment, the best first.

    Attributes:
        current: what it serves at the time that was asked about.
        unknown: what could not be looked for, such as bad data that nobody knows.
        truncated_by: CANDIDATES, RUNS or a cap of the walk.
    """

    environment: str
    name: str
    on: int
    moment: Moment
    current: tuple[Stint, ...]
    candidates: tuple[Candidate, ...]
    truncated_by: tuple[str, ...]
    unknown: tuple[str, ...]
    standing: Standing


def rollback_candidates(
    reader: Reader, environment: str, name: str, on: int, *, bad: BadData | None = None, known_at: int | None = None
) -> Rollback | None:
    """Versions that a deployment served before `on`, ordered; None if there is no such deployment.

    A version is ruled out if it was trained on the bad data, failed when it was served last, was dropped, or its
    training failed. Of the others the one that a manifest names comes first, then those with fewer doubts, then the
    one that was served last.

    Raises:
        UnknownKey: the bad data have no such column.
    """
    before = standing(reader)
    serving = one(reader, environment, name, on, known_at)
    if serving is None:
        return None
    moment = Moment(None, known_at)
    current = {stint.key for stint in serving.now}
    earlier: dict[VersionKey, list[Stint]] = {}
    for stint in serving.stints:
        if stint.key not in current and stint.since <= on:
            earlier.setdefault(stint.key, []).append(stint)
    recent = sorted(earlier, key=lambda key: (-_end(earlier[key], on), key))
    cut, unknown = set[str](), list[str]()
    wanted = _wanted(reader, entity_id(deployment_key(deployment_name(environment, name))), moment)
    told = details(reader, {*current, *recent[:MOST_CANDIDATES]}, moment)
    judge = _judge(reader, bad, moment, told.values(), unknown)
    compared = [told[key] for key in sorted(current) if key in told]
    states = _states(reader, told, moment)
    found = []
    for key in recent[:MOST_CANDIDATES]:
        found.append(_weigh(key, told.get(key), earlier[key], on, judge, wanted, compared, states))
    if len(recent) > MOST_CANDIDATES:
        cut.add("CANDIDATES")
    if judge:
        cut |= judge.truncated | judge.walk.truncated_by
    place = {key: at for at, key in enumerate(recent)}
    found.sort(key=lambda c: (not c.eligible, c.key.version not in wanted, len(c.reasons_against), place[c.key]))
    return Rollback(
        environment, name, on, moment, serving.now, tuple(found), tuple(sorted(cut)), tuple(unknown), before
    )


def _end(stints: list[Stint], on: int) -> int:
    return max(min(stint.until if stint.until is not None else on, on) for stint in stints)


def _judge(
    reader: Reader, bad: BadData | None, moment: Moment, told: Iterable[Detail], unknown: list[str]
) -> Judge | None:
    if bad is None:
        return None
    found: Bad | None = find(reader, bad.name, bad.field, bad.version, moment)
    if found is None:
        unknown.append(f"no dataset {bad.name.namespace} {bad.name.name}: nothing could be ruled out by it")
        return None
    caps = Caps(depth=50)
    walk = trace(reader, Node(dataset_id(bad.name), DATASET, *bad.name), DOWNSTREAM, caps, moment)
    return Judge(reader, found, moment, walk, caps, told)


def _wanted(reader: Reader, own: str, moment: Moment) -> frozenset[str]:
    """The versions that manifests name as the ones to go back to."""
    documents = documented(reader, [own], moment).get(own, [])
    return frozenset(str(d.document["rollbackTo"]) for d in documents if d.document.get("rollbackTo"))


def _states(reader: Reader, keys: Iterable[VersionKey], moment: Moment) -> dict[VersionKey, Lifecycle | None]:
    """What became of versions: whether they were dropped."""
    ids = {key: dataset_id(key.name) for key in keys}
    found = lifecycle.lifecycles(reader, ids.values(), moment, {id_: [id_] for id_ in ids.values()})
    return {key: found.get(id_) for key, id_ in ids.items()}


def _weigh(
    key: VersionKey,
    told: Detail | None,
    stints: list[Stint],
    on: int,
    judge: Judge | None,
    wanted: frozenset[str],
    compared: list[Detail],
    states: Mapping[VersionKey, Lifecycle | None],
) -> Candidate:
    good, doubts, against = _served(stints, on)
    if key.version in wanted:
        good.insert(0, "its deployment's manifest names it as the one to go back to")
    if told is None or not told.trainings:
        doubts.append("nobody tells which run trained it")
    else:
        _trained(told, good, doubts, against)
        doubts += _worse(told, compared)
    if told and (why := _retired(told, states[key])):
        against.append(why)
    if judge:
        verdict, because = judge.version(told) if told else (Verdict.POSSIBLE, "nobody tells what trained it")
        where = {Verdict.TOUCHED: against, Verdict.POSSIBLE: doubts, Verdict.CLEAR: good}[verdict]
        where.append(f"{_SAID[verdict]}: {because}")
    return Candidate(key, not against, tuple(good), (*against, *doubts), tuple(stints), told)


def _served(stints: list[Stint], on: int) -> tuple[list[str], list[str], list[str]]:
    """What its time in this deployment speaks for, raises as doubts, and rules out."""
    total = sum(min(stint.until if stint.until is not None else on, on) - stint.since for stint in stints)
    last = max(stints, key=lambda stint: stint.since)
    good = [f"served {max(total, 0) / DAY:.1f} days, last until {to_iso(min(last.until or on, on))}"]
    health = next((stint.health for stint in sorted(stints, key=lambda s: -s.since) if stint.health), None)
    doubts, against = [], []
    if health == "FAILED":
        against.append("it was FAILED when it was served last")
    elif health == "DEGRADED":
        doubts.append("it was DEGRADED when it was served last")
    elif health == "HEALTHY":
        good.append("it was HEALTHY when it was served last")
    return good, doubts, against


def _trained(told: Detail, good: list[str], doubts: list[str], against: list[str]) -> None:
    state = told.trainings[0].run["state"]
    if state == RunState.COMPLETED:
        good.append("its training completed")
    elif state in (RunState.FAILED, RunState.ABORTED):
        against.append(f"its training is {state}")
    for name, checks in sorted(told.trainings[0].failed.items()):
        doubts.append(f"checks failed on {name.name} in its training: {', '.join(checks)[:200]}")


def _worse(told: Detail, compared: list[Detail]) -> Iterator[str]:
    """Metrics that both have and that are lower; whether lower is worse, the metric's name tells people."""
    for now in compared:
        lower = sorted(
            name for name in told.metrics.keys() & now.metrics.keys() if told.metrics[name] < now.metrics[name]
        )
        if lower:
            said = ", ".join(f"{name} {told.metrics[name]:g} < {now.metrics[name]:g}" for name in lower)
            yield f"lower than version {now.key.version}: {said[:200]}"


def _retired(told: Detail, state: Lifecycle | None) -> str | None:
    stage = (told.said.stage or "") if told.said else ""
    if stage.lower() in _RETIRED:
        return f"its stage is {stage}"
    if state and state.gone:
        return f"it was dropped at {to_iso(state.since)}"
    for d in told.documents:
        if str(d.document.get("lifecycle", "")).lower() in _RETIRED:
            return f"manifest {d.manifest} says that it is {d.document['lifecycle']}"
    return None
