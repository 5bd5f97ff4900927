"""Whether a dataset exists: the last word on it, and what was written after it was gone.

A word is a change that a `lifecycleStateChange` facet tells, RENAMED for the old name of a renamed dataset, or EXISTS
for a dataset that is declared (by a JobEvent that writes it, or a DatasetEvent). Words are a register. A run that
writes a dataset tells no word, and is no word on the hot path; only when the last word says that the dataset is gone,
its writers are looked at: it exists again from the first event of another run that writes it.

The run that dropped it does not bring it back: its later events go on naming the dataset as their output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, Origin
from catalog.lineage.facets.dataset import Change

RENAME, RENAMED, DROP, EXISTS = "RENAME", "RENAMED", "DROP", "EXISTS"
GONE = frozenset({DROP, RENAMED})


class Word(NamedTuple):
    """What is told of a dataset; `other` is its name before a RENAME, or after it was RENAMED."""

    state: str
    other: Name | None = None


class Lifecycle(NamedTuple):
    """The state of a dataset and since when it is in it (µs)."""

    state: str
    since: int
    other: Name | None = None

    @property
    def gone(self) -> bool:
        """Whether nothing goes by this name any more."""
        return self.state in GONE


class Heard(NamedTuple):
    """An event after a dataset was gone: one that says so again, or one of a run that writes it.

    Attributes:
        run: its run's id, "" for none.
    """

    t: int
    rank: int
    key: str
    run: str
    gone: bool


def words(said: Assertions) -> dict[Name, Word]:
    """The words of one event; of several on one dataset the last listed, that it was renamed before all."""
    found: dict[Name, Word] = {}
    renamed: dict[Name, Word] = {}
    for dataset in said.datasets:
        change = dataset.change
        if change:
            found[dataset.name] = Word(change.change, _previous(change, dataset.name))
            if previous := _previous(change, dataset.name):
                renamed[previous] = Word(RENAMED, dataset.name)
        elif said.origin is Origin.DECLARED and dataset.role in ("output", "dataset"):
            found.setdefault(dataset.name, Word(EXISTS))
    return {**found, **renamed}


def _previous(change: Change, name: Name) -> Name | None:
    return change.previous if change.change == RENAME and change.previous != name else None


def after_gone(heard: Iterable[Heard], *, whole: bool) -> tuple[bool, int] | None:
    """Whether a dataset that was gone exists again, and since when the one or the other; None: look further back.

    Args:
        heard: what was heard up to the moment in question, the newest part of it at least.
        whole: that is everything since the word.
    """
    exists: bool | None = None
    since, sure, by = 0, False, ""
    for event in sorted(heard):
        if event.gone:
            if exists is not False:
                sure = exists is True or whole
                exists, since = False, event.t
            by = event.run
        elif exists is False and (not event.run or event.run != by):
            exists, since, sure = True, event.t, True
    return (exists, since) if sure and exists is not None else None


def spelt(word: Word, ids: Mapping[Name, str]) -> dict[str, str]:
    """A word as a register keeps it; `ids` has the other dataset's id."""
    return {"state": word.state, **({"other": ids[word.other]} if word.other else {})}
