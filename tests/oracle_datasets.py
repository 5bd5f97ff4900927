"""What the graph says about datasets besides lineage, by definition: the oracle's other half (see `tests.oracle`).

The same plain walk over the entries that happened by T and were known at K: what became of each dataset, what contains
it, what runs measured and checked of it, and the names it had.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, Json, Origin, RunKey
from catalog.lineage.facets.model import MODEL
from tests.oracle import Entry

GONE = ("DROP", "RENAMED")
Teller = RunKey | str
"""A run, or the key of an entry that belongs to none."""


@dataclass
class DatasetFacts:
    """Everything at one (asOf, knownAt).

    Attributes:
        lifecycle: state, since when, and the other name of a rename.
        containers: type and name, outermost first.
        numbers: (time, value) by dataset, teller, facet and metric.
        checks: (time, status) by dataset, teller, what is asserted, and name.
        versions: time by dataset, teller, version, and READ or WRITTEN.
        renames: (new name, old name, origin).
    """

    lifecycle: dict[Name, tuple[str, int, Name | None]] = field(default_factory=dict)
    containers: dict[Name, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    numbers: dict[tuple[Name, Teller, str, str], tuple[int, float]] = field(default_factory=dict)
    checks: dict[tuple[Name, Teller, str, str], tuple[int, str]] = field(default_factory=dict)
    versions: dict[tuple[Name, Teller, str, str], int] = field(default_factory=dict)
    renames: set[tuple[Name, Name, str]] = field(default_factory=set)


def dataset_facts(entries: Iterable[Entry], as_of: int | None = None, known_at: int | None = None) -> DatasetFacts:
    """The facts of the entries that happened by `as_of` and were known at `known_at`; None: no bound."""
    by_key = {entry.key: entry for entry in entries}
    ordered = sorted(by_key.values(), key=lambda e: (e.assertions.time, e.assertions.event_type.rank, e.key))
    walk = _Walk()
    for entry in ordered:
        happened = as_of is None or entry.assertions.time <= as_of
        if happened and (known_at is None or entry.sequence <= known_at):
            walk.step(entry)
    return walk.done()


class _Walk:
    def __init__(self) -> None:
        self.facts = DatasetFacts()
        self.last_word: dict[Name, tuple[str, Name | None]] = {}
        self.gone_by: dict[Name, RunKey | None] = {}
        self.tests: dict[tuple[Name, Teller, str], tuple[int, str]] = {}

    def step(self, entry: Entry) -> None:
        said = entry.assertions
        words = _words(said)
        for name, (state, other) in words.items():
            self._word(name, state, other, said)
            if state == "RENAME" and other:
                self.facts.renames.add((name, other, str(said.origin)))
        for dataset in said.datasets:
            if said.run and dataset.role == "output" and dataset.name not in words:
                self._written(dataset.name, said)
            if dataset.containers is not None:
                self.facts.containers.pop(dataset.name, None)
                if dataset.containers:
                    self.facts.containers[dataset.name] = dataset.containers
        measured: dict[tuple[str, Name], list[dict[str, Json]]] = {}
        for dataset in said.datasets:
            of_run = dict(dataset.run_facets)
            if said.run and dataset.role in ("input", "output") and MODEL in dataset.facets:
                of_run[MODEL] = dataset.facets[MODEL] or {}
            measured.setdefault((dataset.role, dataset.name), []).append(of_run)
        for (role, name), listed in sorted(measured.items()):
            self._sample(entry, name, role, listed)
        for dataset in said.datasets:
            if dataset.role == "input":
                for test in said.run_facets.get("test", {}).get("tests", ()):
                    self.tests[dataset.name, said.run or entry.key, test["name"]] = (said.time, test["status"].upper())

    def _word(self, name: Name, state: str, other: Name | None, said: Assertions) -> None:
        now = self.facts.lifecycle.get(name)
        again = self.last_word.get(name) == (state, other)
        if not again or (now and now[0] == "EXISTS" and state in GONE):
            self.facts.lifecycle[name] = (state, said.time, other)
        self.last_word[name] = (state, other)
        if state in GONE:
            self.gone_by[name] = said.run

    def _written(self, name: Name, said: Assertions) -> None:
        now = self.facts.lifecycle.get(name)
        if now and now[0] in GONE and said.run != self.gone_by[name]:
            self.facts.lifecycle[name] = ("EXISTS", said.time, None)

    def _sample(self, entry: Entry, name: Name, role: str, listed: list[dict[str, Json]]) -> None:
        """What one event says of a dataset in one place; of a facet that it says twice there, the second counts."""
        said = entry.assertions
        facets = {key: facet for place in listed for key, facet in place.items()}
        teller: Teller = said.run or entry.key
        for metric, value in facets.get("outputStatistics", {}).items():
            self.facts.numbers[name, teller, "outputStatistics", metric] = (said.time, float(value))
        for place in listed:
            for check in place.get("dataQualityAssertions", {}).get("assertions", ()):
                status = "PASS" if check["success"] else "FAIL"
                self.facts.checks[name, teller, check["assertion"], check["name"]] = (said.time, status)
        if "version" in facets:
            use = "READ" if role == "input" else "WRITTEN"
            self.facts.versions[name, teller, facets["version"]["datasetVersion"], use] = said.time
        if "version" in facets.get(MODEL, {}):
            use = "READ" if role == "input" else "WRITTEN"
            self.facts.versions[name, teller, facets[MODEL]["version"], use] = said.time

    def done(self) -> DatasetFacts:
        """The tests of runs count where the run does not tell them as checks of the dataset, too."""
        for (name, teller, test), told in self.tests.items():
            known = {key[3] for key in self.facts.checks if key[:2] == (name, teller) and key[2] == "holds"}
            if test not in known and test.rpartition(".")[2] not in known:
                self.facts.checks[name, teller, "", test] = told
        return self.facts


def _words(said: Assertions) -> dict[Name, tuple[str, Name | None]]:
    words: dict[Name, tuple[str, Name | None]] = {}
    for dataset in said.datasets:
        change: Any = dataset.change
        if change:
            previous = change.previous if change.change == "RENAME" and change.previous != dataset.name else None
            words[dataset.name] = (change.change, previous)
        elif said.origin is Origin.DECLARED and dataset.role in ("output", "dataset"):
            words.setdefault(dataset.name, ("EXISTS", None))
    for dataset in said.datasets:
        change = dataset.change
        if change and change.change == "RENAME" and change.previous and change.previous != dataset.name:
            words[change.previous] = ("RENAMED", dataset.name)
    return words
