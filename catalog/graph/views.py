"""Which edges a walk may take, besides holding at its moment: by origin, by age, or of each job's latest run alone.

Asked level by level, once per job: what a job's bundles assert, or what its latest completed run did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from catalog.graph.evidence import edge_keys
from catalog.graph.past_runs import latest_completed
from catalog.graph.reader import Question
from catalog.graph.run_log import bundles
from catalog.graph.store import Row
from catalog.graph.walk import Moment, Node
from catalog.identity import Name, dataset_id
from catalog.lineage.steps import FOREVER, OPEN, Point, Points, deciding

SAME_AS = "SAME_AS"


class View(NamedTuple):
    """A choice of edges; names of one thing are no edges that anyone chooses.

    Attributes:
        origins: who may say so, as edges spell it; None for everyone.
        since: the event time (µs) from which on it was said at least once; None for ever.
        latest: it was said by the latest completed run of its job.
        steps: the Steps of every edge of a past walk are kept, to say what decides it.
        transformations: of column edges, the types: DIRECT, INDIRECT; None for both.
    """

    origins: frozenset[str] | None = None
    since: int | None = None
    latest: bool = False
    transformations: frozenset[str] | None = None
    steps: bool = False


class Told(NamedTuple):
    """The Steps of an edge, and the job or dataset whose word they are; ties between names know no event time."""

    points: Points
    subject: str
    timeless: bool = False

    def at(self, moment: Moment) -> Point | None:
        """The point that decides it at a moment."""
        bounds = moment.bounds
        return deciding(self.points, FOREVER if self.timeless else bounds["asof"], bounds["known"])


EVERYTHING = View()
Known = dict[str, set[str]]
Read = Callable[[Question, list[str]], list[Row]]


class Sieve:
    """Lets the edges of a view pass; remembers what each subject asserts for as long as a walk lasts."""

    def __init__(self, view: View, moment: Moment) -> None:
        self._view = view
        self._moment = moment
        self._recent: Known = {}
        self._latest: Known = {}
        self.told: dict[str, Told] = {}

    def sift(self, q: Question, block: str, rows: list[Row], nodes: Mapping[str, Node]) -> list[Row]:
        """The rows of a walk's block that belong to the view."""
        view = self._view
        same = [row for row in rows if row.get("kind") == SAME_AS]
        rows = [row for row in rows if row.get("kind") != SAME_AS]
        if view.origins is not None:
            rows = [row for row in rows if row["origin"] in view.origins]
        if view.transformations is not None:
            rows = [row for row in rows if row.get("type") is None or row["type"] in view.transformations]
        if view.since is not None:
            rows = self._asserted(q, block, rows, nodes, self._recent, self._recent_uses)
        if view.latest:
            rows = self._asserted(q, block, rows, nodes, self._latest, self._latest_uses)
        if view.steps:
            self._note(block, same + rows, nodes)
        return same + rows

    def _note(self, block: str, rows: list[Row], nodes: Mapping[str, Node]) -> None:
        for row in rows:
            if row.get("kind") == SAME_AS:
                points = row.get("points") or [Point(0, row["s0"], OPEN)]
                self.told[row["key"]] = Told(points, "", timeless=True)
            else:
                self.told[row["key"]] = Told(row["points"], _subject(row, block, nodes))

    def _asserted(
        self, q: Question, block: str, rows: list[Row], nodes: Mapping[str, Node], known: Known, read: Read
    ) -> list[Row]:
        """The rows whose edges are among those of the bundles that `read` finds for their subjects."""
        subjects = [_subject(row, block, nodes) for row in rows]
        new = sorted(set(subjects) - known.keys())
        known.update((subject, set()) for subject in new)
        uses = read(q, new)
        for use, keys in zip(uses, edge_keys(q, uses), strict=True):
            known[use["subject"]] |= keys
        return [row for row, subject in zip(rows, subjects, strict=True) if row["key"] in known[subject]]

    def _recent_uses(self, q: Question, subjects: list[str]) -> list[Row]:
        assert self._view.since is not None
        return [use for use in q.rows_by_id("assets", "uses_of", subjects) if use["last"] >= self._view.since]

    def _latest_uses(self, q: Question, subjects: list[str]) -> list[Row]:
        latest = latest_completed(q, subjects, self._moment)
        # a dataset that speaks for itself is heard of in runs of jobs, too, but has none of its own
        runs = {row["id"]: row for subject, row in latest.items() if row["job"] == subject}
        return bundles(q, runs, self._moment)


def _subject(row: Row, block: str, nodes: Mapping[str, Node]) -> str:
    """Who asserts the edge of a row: whom it names, or else the node that the edge starts at."""
    if row.get("by"):
        return str(row["by"])
    if "path" not in row:
        return str(row["id"] if row["out"] else row["other"])
    if row["job"]:
        return str(row["job"])
    if not block.startswith("upstream"):
        return str(row["dataset"] or row["other"])
    node = nodes.get(row["id"])
    return dataset_id(Name(node.namespace, node.name)) if node else str(row["id"])
