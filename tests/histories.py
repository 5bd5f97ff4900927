"""Random histories over a small world, small enough that late, tied and contradicting events are the rule.

One set of rules (`roll`) is driven by two kinds of dice: Hypothesis, which shrinks what fails, and a seeded
`random.Random` for volume. Each history first rolls its own habits (how many times, jobs and bundles there are, how
often sets are complete, how orderly things arrive), so that calm producers, whose repetitions are quiet, and
chaos both occur.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from catalog.identity import Name
from catalog.lineage.assertions import (
    COLUMN_LINEAGE,
    SCHEMA_FACET,
    Assertions,
    Basis,
    ColumnEdge,
    DatasetAssertion,
    EventType,
    Flow,
    Json,
    Origin,
    RunKey,
    Sources,
    Verdict,
)
from catalog.lineage.facets.dataset import Change
from catalog.lineage.facets.model import DEPLOYMENT, MODEL
from catalog.lineage.models import DEPLOYED
from tests import declarations
from tests.dice import Dice, Drawn, Seeded
from tests.oracle import Entry

T = TypeVar("T")

JOBS = tuple(Name("jobs", name) for name in "abc")
DATASETS = tuple(Name("db", name) for name in "wxyz")
DEPLOYMENTS = tuple(Name("deployment:prod", name) for name in ("api", "batch"))
RUNS = ("1", "2", "3")
OUTSIDE = RunKey(Name("jobs", "outside"), "0")
SCHEMAS: tuple[Json, ...] = ([{"name": "c1"}], [{"name": "c1"}, {"name": "c2", "type": "int"}])
CONTAINERS = ((), (("DATABASE", "d"),), (("DATABASE", "d"), ("SCHEMA", "s")), (("DATABASE", "d"), ("SCHEMA", "t")))
CHECKS = ("one", "two")
FACETS: tuple[Json, ...] = ({"v": 1}, {"v": 2}, None)
TYPES = (
    EventType.START,
    EventType.COMPLETE,
    EventType.START,
    EventType.COMPLETE,
    EventType.FAIL,
    EventType.ABORT,
    EventType.RUNNING,
    EventType.OTHER,
)


@dataclass(frozen=True)
class History:
    """Some entries, and one way they may reach the graph.

    Attributes:
        entries: each once, in the order of their event times.
        batches: each entry at least once, in the order of arrival.
    """

    entries: tuple[Entry, ...]
    batches: tuple[tuple[Entry, ...], ...]

    @property
    def times(self) -> list[int | None]:
        """Every T that can make a difference: before all, each event time, no bound."""
        return [-1, *sorted({entry.assertions.time for entry in self.entries}), None]

    @property
    def sequences(self) -> list[int | None]:
        """Every K that can make a difference."""
        return [0, *sorted(entry.sequence for entry in self.entries), None]


@st.composite
def histories(draw: st.DrawFn, most: int = 10) -> History:
    """Histories of 1 to `most` entries."""
    return roll(Drawn(draw), draw(st.integers(1, most)))


@st.composite
def arrivals(draw: st.DrawFn, entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Another way in which the same entries may arrive: any order, some twice, in any batches."""
    return _arrive(Drawn(draw), entries, orderly=False)


def random_history(rng: random.Random, n: int) -> History:
    """A history of `n` entries."""
    return roll(Seeded(rng), n)


def renumbered(rng: random.Random, entries: Sequence[Entry]) -> list[Entry]:
    """The same entries, accepted in another order."""
    sequences = rng.sample(range(1, len(entries) + 1), len(entries))
    return [entry._replace(sequence=s) for entry, s in zip(entries, sequences, strict=True)]


@dataclass(frozen=True)
class _Bundle:
    """What one event says besides who and when; a small pool of them makes repeated runs."""

    datasets: tuple[DatasetAssertion, ...]
    job_facets: dict[str, Json]
    parents: tuple[RunKey, ...]
    fed_by: tuple[Name, ...]
    others: tuple[Flow, ...] | None
    follows: tuple[Name, ...]
    precedes: tuple[Name, ...]


@dataclass(frozen=True)
class _Habits:
    """What one history is like; numbers are percentages."""

    jobs: tuple[Name, ...]
    times: range
    bundles: tuple[_Bundle, ...]
    nothing: int
    complete: int
    job_events: int
    dataset_events: int
    facets: int
    identity: int
    declared: int
    producers: tuple[str, ...]
    orderly_inbox: bool
    orderly_arrival: bool


def roll(dice: Dice, n: int) -> History:
    """A history of `n` entries."""
    habits = _habits(dice)
    said = sorted((_event(dice, habits) for _ in range(n)), key=lambda a: a.time)
    keys = [f"{number:04x}" for number in dice.shuffled(range(n))]
    sequences = list(range(1, n + 1))
    sequences = _nearly(dice, sequences) if habits.orderly_inbox else dice.shuffled(sequences)
    entries = [Entry(*parts) for parts in zip(keys, sequences, said, strict=True)]
    arriving = sorted(entries, key=lambda entry: entry.sequence)
    return History(tuple(entries), _arrive(dice, arriving, orderly=habits.orderly_arrival))


def _arrive(dice: Dice, entries: Sequence[Entry], *, orderly: bool) -> tuple[tuple[Entry, ...], ...]:
    order = _nearly(dice, entries) if orderly else dice.shuffled(entries)
    cut = dice.pick((0, 30, 90))
    batches: list[list[Entry]] = [[]]
    for i, entry in enumerate(order):
        if batches[-1] and dice.chance(cut):
            batches.append([])
        batches[-1].append(entry)
        if dice.chance(8):
            batches[-1].append(dice.pick(order[: i + 1]))
    return tuple(tuple(batch) for batch in batches)


def _nearly(dice: Dice, items: Sequence[T]) -> list[T]:
    """The given order, except that an item now and then comes later."""
    nearly = list(items)
    for i in range(len(nearly)):
        if dice.chance(10):
            nearly.insert(dice.pick(range(len(nearly))), nearly.pop(i))
    return nearly


def _habits(dice: Dice) -> _Habits:
    calm = dice.chance(30)
    facets = dice.pick((0, 10, 40))
    schemas = dice.pick((0, 20, 60))
    explicit = dice.pick((0, 0, 30, 80))
    return _Habits(
        jobs=JOBS[: dice.pick((1, 1, 2, 3))],
        times=range(100) if calm else range(dice.pick((2, 4, 8, 40))),
        bundles=tuple(
            _bundle(dice, facets, schemas, explicit) for _ in range(dice.pick((1, 2) if calm else (1, 2, 3, 5)))
        ),
        nothing=dice.pick((0, 20) if calm else (10, 40)),
        complete=dice.pick((0, 0, 20) if calm else (0, 0, 15, 50)),
        job_events=dice.pick((0, 10) if calm else (0, 10, 30)),
        dataset_events=dice.pick((0, 10) if calm else (0, 10, 30)),
        facets=facets,
        identity=dice.pick((0, 5) if calm else (0, 10, 40)),
        declared=dice.pick((0, 10) if calm else (0, 20, 50)),
        producers=("p",) if dice.chance(80) else ("p", "q"),
        orderly_inbox=calm or dice.chance(40),
        orderly_arrival=calm or dice.chance(40),
    )


def _bundle(dice: Dice, facets: int, schemas: int, explicit: int) -> _Bundle:
    size = dice.pick((1, 2, 3, 4))
    told = dice.chance(explicit)
    jobs = (*JOBS, OUTSIDE.job)
    return _Bundle(
        (
            *(_dataset(dice, dice.pick(("input", "output")), facets, schemas, told) for _ in range(size)),
            *((_deployed(dice),) if dice.chance(facets // 2) else ()),
        ),
        _facets(dice, facets, ("doc", "owner")),
        (_run(dice, JOBS), OUTSIDE)[: dice.pick((1, 2))] if dice.chance(25) else (),
        tuple(sorted({dice.pick(jobs)})) if told and dice.chance(50) else (),
        tuple(_flow(dice, jobs) for _ in range(dice.pick((0, 0, 1)))) if told else None,
        (dice.pick(jobs),) if dice.chance(10) else (),
        (dice.pick(jobs),) if dice.chance(10) else (),
    )


def _flow(dice: Dice, jobs: Sequence[Name]) -> Flow:
    job, source = dice.shuffled(jobs)[:2]
    by_job = dice.chance(50)
    return Flow(job, by_job, source if by_job else dice.pick(DATASETS))


def _besides(job: Name, named: tuple[Name, ...]) -> tuple[Name, ...]:
    """Jobs that an event of `job` names: never itself."""
    return tuple(name for name in named if name != job)


def _sources(dice: Dice) -> Sources:
    if dice.chance(20):
        return Sources(Basis.DANGLING)
    some = tuple(sorted(dice.shuffled(DATASETS)[: dice.pick((0, 1, 2))]))
    return Sources(Basis.EXPLICIT, some, (dice.pick(JOBS),) if dice.chance(20) else ())


def _dataset(dice: Dice, role: str, facets: int, schemas: int, explicit: bool) -> DatasetAssertion:
    gone = frozenset(key for key in (SCHEMA_FACET, COLUMN_LINEAGE) if dice.chance(schemas // 6))
    return DatasetAssertion(
        name=dice.pick(DATASETS),
        role=role,
        schema=dice.pick(SCHEMAS) if dice.chance(schemas) else None,
        columns=_columns(dice) if role != "input" and dice.chance(schemas) else None,
        inferred=dice.pick(((), _columns(dice))) if role == "output" and dice.chance(schemas) else None,
        sources=_sources(dice) if explicit and role != "input" else None,
        gone=gone,
        facets=_facets(dice, facets, ("doc", "life")) | _model(dice, facets // 2),
        run_facets=_measured(dice) if dice.chance(facets) else {},
        change=_change(dice) if dice.chance(facets // 2) else None,
        containers=dice.pick(CONTAINERS) if dice.chance(facets // 2) else None,
    )


def _model(dice: Dice, percent: int) -> dict[str, Json]:
    return (
        {MODEL: dice.pick(({"model": "m", "version": "m1"}, {"model": "m", "version": "m2"}, None))}
        if dice.chance(percent)
        else {}
    )


def _deployed(dice: Dice) -> DatasetAssertion:
    """A deployment that serves some versions, or none any more; the versions are datasets like others."""
    served = tuple(sorted(dice.shuffled(DATASETS)[: dice.pick((0, 1, 1, 2))]))
    name = dice.pick(DEPLOYMENTS)
    facets = {DEPLOYMENT: {"model": dice.pick(RUNS)}}
    return DatasetAssertion(name, DEPLOYED, sources=Sources(Basis.EXPLICIT, served), facets=facets)


def _change(dice: Dice) -> Change:
    """Every second one says that the dataset is gone."""
    word = dice.pick(("DROP", "RENAME", "DROP", "CREATE", "TRUNCATE"))
    return Change(word, dice.pick((*DATASETS, None)) if word == "RENAME" else None)


def _measured(dice: Dice) -> dict[str, Json]:
    facets: dict[str, Json] = {
        "version": {"datasetVersion": dice.pick(RUNS)},
        "outputStatistics": {"rowCount": dice.pick((1, 2)), dice.pick(("size", "fileCount")): 3},
        "dataQualityAssertions": {"assertions": [_checked(dice, dice.pick(CHECKS)) for _ in range(2)]},
    }
    return {key: facet for key, facet in facets.items() if dice.chance(60)}


def _checked(dice: Dice, name: str) -> Json:
    return {"assertion": "holds", "name": name, "success": dice.chance(50)}


def _tested(dice: Dice, percent: int) -> dict[str, Json]:
    """Tests of the run itself, some of which it may also tell of a dataset."""
    test = {"name": f"test.{dice.pick((*CHECKS, 'alone'))}", "status": dice.pick(("pass", "fail"))}
    return {"test": {"tests": [test]}} if dice.chance(percent) else {}


def _columns(dice: Dice) -> tuple[ColumnEdge, ...]:
    edges = {
        ColumnEdge(dice.pick(("c1", "c2")), dice.pick(DATASETS), "c1", "DIRECT", "IDENTITY", False, "")
        for _ in range(dice.pick((1, 2)))
    }
    return tuple(sorted(edges))


def _facets(dice: Dice, percent: int, keys: Sequence[str]) -> dict[str, Json]:
    return {key: dice.pick(FACETS) for key in keys if dice.chance(percent)}


def _forwarded(dice: Dice, run: RunKey, bundle: _Bundle, percent: int) -> dict[Name, dict[str, Json]]:
    jobs = [parent.job for parent in bundle.parents if parent.job != run.job and dice.chance(percent)]
    return {job: {"doc": {"v": dice.pick(RUNS)}} for job in jobs}


def _facets_of_run(dice: Dice, percent: int) -> dict[str, Json]:
    return {key: {"v": dice.pick(RUNS)} for key in ("errorMessage", "nominalTime") if dice.chance(percent)}


def _run(dice: Dice, jobs: Sequence[Name]) -> RunKey:
    return RunKey(dice.pick(jobs), dice.pick(RUNS))


def _event(dice: Dice, habits: _Habits) -> Assertions:
    time, producer = dice.pick(habits.times), dice.pick(habits.producers)
    if dice.chance(habits.identity):
        return _decision(dice, time)
    if dice.chance(habits.declared):
        return dice.pick((declarations.apply, declarations.word))(dice, time, JOBS, DATASETS)
    pair = dice.shuffled(DATASETS)[:2] if dice.chance(5 + habits.identity // 2) else []
    symlinks = ((min(pair), max(pair)),) if pair else ()
    tables = (dice.pick(pair),) if pair and dice.chance(50) else ()
    if dice.chance(habits.dataset_events):
        own = _dataset(dice, "dataset", max(habits.facets, 30), 40, dice.chance(30))
        told = (_deployed(dice),) if dice.chance(habits.facets // 2) else ()
        return Assertions(
            time,
            Origin.DECLARED,
            EventType.OTHER,
            producer,
            None,
            None,
            datasets=(own, *told),
            symlinks=symlinks,
            tables=tables,
        )
    bundle = dice.pick(habits.bundles)
    datasets = () if dice.chance(habits.nothing) else bundle.datasets
    complete = dice.chance(habits.complete)
    if dice.chance(habits.job_events):
        job = dice.pick(habits.jobs)
        return Assertions(
            time,
            Origin.DECLARED,
            EventType.OTHER,
            producer,
            job,
            None,
            datasets=datasets,
            job_facets=bundle.job_facets,
            fed_by=_besides(job, bundle.fed_by),
            others=bundle.others,
            symlinks=symlinks,
            tables=tables,
            complete=complete,
        )
    run = _run(dice, habits.jobs)
    return Assertions(
        time,
        Origin.OBSERVED,
        dice.pick(TYPES),
        producer,
        run.job,
        run,
        parents=tuple(parent for parent in bundle.parents if parent != run),
        datasets=datasets,
        job_facets=bundle.job_facets,
        forwarded=_forwarded(dice, run, bundle, habits.facets),
        run_facets={**_facets_of_run(dice, habits.facets), **_tested(dice, habits.facets // 2)},
        fed_by=_besides(run.job, bundle.fed_by),
        others=bundle.others,
        follows=_besides(run.job, bundle.follows),
        precedes=_besides(run.job, bundle.precedes),
        symlinks=symlinks,
        tables=tables,
        complete=complete,
    )


def _decision(dice: Dice, time: int) -> Assertions:
    """A person ties two names, or takes them apart; seldom other than these few, so that they contradict each other."""
    a, b = sorted(dice.shuffled(DATASETS[: dice.pick((2, 3, 4))])[:2])
    verdict = Verdict(a, b, dice.chance(50), dice.pick(("ann", "bob")), "")
    return Assertions(time, Origin.DECLARED, EventType.OTHER, "", None, None, verdicts=(verdict,))
