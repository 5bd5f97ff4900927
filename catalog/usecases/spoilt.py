"""Which runs read a bad version of a dataset, or something that was made of it.

Runs are read level by level, all runs of a level together: what they read, then the runs that wrote that. What they
read is only then judged, so that runs that feed each other, and the order in which anybody asks, change nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.graph import models
from catalog.graph.reader import Reader
from catalog.graph.run_lineage import RunWalk, trace_runs
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.observe import READS

MOST_RUNS = 500
"""Runs that are looked at for one answer; beyond, what is not decided stays possible, and the answer says so."""


class Verdict(StrEnum):
    """Whether it is touched: surely, possibly (somebody did not tell enough), or not."""

    TOUCHED = "TOUCHED"
    POSSIBLE = "POSSIBLE"
    CLEAR = "CLEAR"


Said = tuple[Verdict, str]
"""A verdict, and why."""
_NOTHING = "read nothing of it"


@dataclass(frozen=True, slots=True)
class Bad:
    """What is asked about: the ids of all names of a dataset, and a column or version of it."""

    name: Name
    ids: frozenset[str]
    field: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Made:
    """A version of a dataset."""

    name: Name
    version: str

    def __str__(self) -> str:
        return f"version {self.version} of {self.name.name}"


class Spoilt:
    """The verdicts on runs, as far as they were asked for.

    Args:
        below: the ids of datasets downstream of the bad one: nothing else can hold anything of it.

    Attributes:
        truncated: there were more runs than are looked at.
    """

    def __init__(self, reader: Reader, bad: Bad, moment: Moment, below: Collection[str]) -> None:
        self._reader = reader
        self._bad = bad
        self._moment = moment
        self._below = below
        self._own: dict[str, list[Said]] = {}
        self._made_of: dict[str, list[_Made]] = {}
        self._writers: dict[_Made, list[str]] = {}
        self.truncated = False

    def verdicts(self, runs: Iterable[str]) -> dict[str, Said]:
        """Whether runs read the bad version, or something that was made of it."""
        wanted = set(runs)
        self._read(wanted)
        said = self._decide()
        return {run: said.get(run, (Verdict.POSSIBLE, "too many runs to look at")) for run in wanted}

    def _read(self, runs: Iterable[str]) -> None:
        todo = sorted(set(runs) - self._own.keys())
        while todo:
            room = MOST_RUNS - len(self._own)
            self.truncated |= len(todo) > room
            todo = todo[:room]
            walks = trace_runs(self._reader, todo, self._moment) if todo else {}
            names = {run: self._inputs(walk) for run, walk in walks.items()}
            told = models.said_by_runs(self._reader, names, self._moment) if names else {}
            for run in todo:
                said = told.get(run)  # None: nobody heard of it, or it is hidden
                read = None if said is None else {name: models.versions_in(said[name], "READ") for name in names[run]}
                self._keep(run, read)
            new = {made for run in todo for made in self._made_of[run]} - self._writers.keys()
            self._find_writers(new)
            todo = sorted({run for made in new for run in self._writers[made]} - self._own.keys())

    def _inputs(self, walk: RunWalk) -> list[Name]:
        nodes = [walk.nodes[edge.source] for edge in walk.edges if edge.kind == READS]
        return [Name(node.namespace, node.name) for node in nodes if node.id in self._below]

    def _keep(self, run: str, read: dict[Name, tuple[str, ...]] | None) -> None:
        """Remember what a run read, by name with the versions; None: the run is not known."""
        own, made_of = self._own.setdefault(run, []), self._made_of.setdefault(run, [])
        if read is None:
            own.append((Verdict.POSSIBLE, "its run is not known"))
        for name, versions in (read or {}).items():
            if not versions:
                own.append((Verdict.POSSIBLE, f"read {name.name}, nobody tells in which version"))
            elif dataset_id(name) not in self._bad.ids:
                made_of += [_Made(name, version) for version in versions]
            elif self._bad.version in versions:
                own.append((Verdict.TOUCHED, f"read version {self._bad.version} of {name.name}"))
            else:
                own.append((Verdict.CLEAR, f"read version {', '.join(versions)} of {name.name}"))

    def _find_writers(self, wanted: Collection[_Made]) -> None:
        asked = {made: (made.version, [dataset_id(made.name)]) for made in wanted}
        found = models.runs_that_wrote_each(self._reader, asked, self._moment) if asked else {}
        self._writers.update({made: writers for made, (writers, _) in found.items()})
        self.truncated |= not all(whole for _, whole in found.values())

    def _decide(self) -> dict[str, Said]:
        """The worst that is known of each run, by the shortest way to it."""
        own = {run: list(said) for run, said in self._own.items()}
        readers: dict[str, list[tuple[str, _Made]]] = {}
        for run, made_of in sorted(self._made_of.items()):
            for made in made_of:
                if not self._writers[made]:
                    own[run].append((Verdict.POSSIBLE, f"nobody tells which run wrote {made}"))
                for writer in self._writers[made]:
                    if writer in own:
                        readers.setdefault(writer, []).append((run, made))
                    else:
                        own[run].append((Verdict.POSSIBLE, f"read {made}, and there were too many runs to look at"))
        said: dict[str, Said] = {}
        for verdict in Verdict:
            begin = {run: next((why for found, why in reasons if found is verdict), "") for run, reasons in own.items()}
            _spread(said, verdict, begin, readers)
        _spread(said, Verdict.CLEAR, {run: "" if self._made_of[run] else _NOTHING for run in own}, readers)
        return dict.fromkeys(own, (Verdict.CLEAR, _NOTHING)) | said


def _spread(
    said: dict[str, Said], verdict: Verdict, begin: dict[str, str], readers: dict[str, list[tuple[str, _Made]]]
) -> None:
    """Give a verdict to runs that have none yet, and to those that read what these wrote, the nearest first."""
    todo = deque[str]()
    for run, why in sorted(begin.items()):
        if why and run not in said:
            said[run] = verdict, why
            todo.append(run)
    while todo:
        writer = todo.popleft()
        for run, made in readers.get(writer, ()):
            if run not in said:
                said[run] = verdict, f"read {made}, whose run {said[writer][1]}"
                todo.append(run)
