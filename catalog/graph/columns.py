"""Walks column lineage level by level, with the same caps and the same honesty as table lineage.

A dependency of a whole dataset on a column (a filter, a join) counts for each of its columns: upstream it is followed
from any of them, downstream it leads to all of them.
"""

from __future__ import annotations

from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.views import EVERYTHING, Sieve, View
from catalog.graph.walk import (
    BOTH,
    BY_DEPTH,
    DATASET,
    DOWNSTREAM,
    FIELD,
    UPSTREAM,
    Caps,
    Edge,
    Moment,
    Node,
    Walk,
)
from catalog.identity import Name, dataset_id, field_id
from catalog.lineage.steps import FOREVER

_FROM_FIELDS = {UPSTREAM: "upstream_of_fields", DOWNSTREAM: "downstream_of_fields"}


def trace_columns(
    reader: Reader, root: Node, direction: str, caps: Caps, moment: Moment, view: View = EVERYTHING
) -> Walk:
    """Columns up- or downstream of one column, or of every column of a dataset when `root.field` is None."""
    walk = Walk(root.id, caps, moment)

    def work(q: Question) -> None:
        walk.start()
        walk.sieve = Sieve(view, moment) if view != EVERYTHING else None
        columns = _Columns(q, walk)
        columns.begin(root)
        for way in (UPSTREAM, DOWNSTREAM) if direction == BOTH else (direction,):
            columns.walk(sorted(i for i, n in walk.nodes.items() if n.kind == FIELD and columns.is_root(n)), way)

    reader.ask(work)
    return walk


class _Columns:
    def __init__(self, q: Question, walk: Walk) -> None:
        self.q = q
        self.walk_ = walk
        self.root: Node | None = None
        self.names: dict[str, Row] = {}

    def begin(self, root: Node) -> None:
        self.root = root
        dataset = root.id if root.kind == DATASET else _dataset_of(root)
        self.names[dataset] = {"namespace": root.namespace, "name": root.name, "visible": True}
        self.walk_.add_node(root)
        if root.kind == DATASET:
            for row in self.q.rows("lineage", "fields_of", ids=[dataset], limit=self.walk_.caps.nodes):
                self._enter(row["id"], dataset, row["path"])

    def is_root(self, node: Node) -> bool:
        assert self.root is not None
        return self.root.kind == DATASET or node.id == self.root.id

    def walk(self, ids: list[str], way: str) -> None:
        walk = self.walk_
        seen = set(ids)
        for _ in range(walk.caps.depth):
            if walk.exhausted() or not ids:
                break
            ids = self._level(self._with_aliases(ids, seen), way, seen)
        if walk.truncated_by:
            walk.frontier.update(ids)
            return
        for row in self._rows(ids, way):
            if row["other"] not in seen:
                walk.frontier.add(row["from"])
        if walk.frontier:
            walk.truncated_by.add(BY_DEPTH)

    def _level(self, ids: list[str], way: str, seen: set[str]) -> list[str]:
        rows = sorted(self._rows(ids, way), key=lambda r: (r["from"], r["other"], r["key"]))
        self._learn({row["dataset"] or row["other"] for row in rows})
        found: list[str] = []
        for row in rows:
            dataset = row["dataset"] or row["other"]
            if not self._enter(row["other"], dataset, row["path"], row["from"]):
                continue
            ends = (row["other"], row["from"]) if way == UPSTREAM else (row["from"], row["other"])
            said = (row["job"], row["type"], row["subtype"], row["masking"], row["description"])
            self.walk_.add_edge(Edge(*ends, "DERIVES_FROM", row["key"], row["origin"], *said), row["from"])
            if row["other"] in seen:
                continue
            seen.add(row["other"])
            if row["dataset"]:
                found.append(row["other"])
            else:
                found += self._columns_of(row["other"], seen)
        return found

    def _rows(self, ids: list[str], way: str) -> list[Row]:
        rows = self.walk_.around(self.q, _FROM_FIELDS[way], sorted(ids))
        for row in rows:
            row["from"] = row["id"]
        if way == UPSTREAM:
            members: dict[str, list[str]] = {}
            for id_ in ids:
                members.setdefault(_dataset_of(self.walk_.nodes[id_]), []).append(id_)
            for row in self.walk_.around(self.q, "upstream_of_whole_datasets", sorted(members)):
                rows += [{**row, "from": id_} for id_ in members[row["id"]]]
        return rows

    def _columns_of(self, dataset: str, seen: set[str]) -> list[str]:
        found = []
        for row in self.q.rows("lineage", "fields_of", ids=[dataset], limit=self.walk_.caps.nodes):
            if row["id"] not in seen and self._enter(row["id"], dataset, row["path"], dataset):
                seen.add(row["id"])
                found.append(row["id"])
                self.walk_.add_edge(Edge(dataset, row["id"], "HAS_FIELD"))
        return found

    def _with_aliases(self, ids: list[str], seen: set[str]) -> list[str]:
        """The same columns under the other names of their datasets: no hop."""
        known = self.walk_.moment.bounds["known"] if self.walk_.moment.past else FOREVER
        members: dict[str, list[Node]] = {}
        for id_ in ids:
            node = self.walk_.nodes[id_]
            members.setdefault(_dataset_of(node), []).append(node)
        wanted: dict[str, tuple[str, str, str]] = {}
        for row in self.q.rows_by_id("lineage", "aliases", sorted(members), known=known):
            for node in members[row["id"]]:
                alias = field_id(row["other"], node.field or "")
                if alias not in seen:
                    wanted[alias] = (node.id, row["key"], row["other"])
        self._learn({dataset for _, _, dataset in wanted.values()})
        for row in self.q.rows_by_id("lineage", "fields", sorted(wanted)):
            of, key, dataset = wanted[row["id"]]
            if self._enter(row["id"], dataset, row["path"]):
                seen.add(row["id"])
                ids = [*ids, row["id"]]
                self.walk_.add_edge(Edge(min(of, row["id"]), max(of, row["id"]), "SAME_AS", key))
        return ids

    def _learn(self, datasets: set[str]) -> None:
        missing = sorted(datasets - self.names.keys())
        for row in self.q.rows_by_id("lineage", "datasets", missing):
            self.names[row["id"]] = row

    def _enter(self, id_: str, dataset: str, path: str | None, found_from: str = "") -> bool:
        name = self.names.get(dataset)
        if name is None or not name["visible"]:
            self.walk_.hidden.add(dataset)
            return False
        if id_ in self.walk_.nodes:
            return True
        kind = FIELD if path is not None else DATASET
        return self.walk_.add_node(Node(id_, kind, name["namespace"], name["name"], path), found_from)


def _dataset_of(node: Node) -> str:
    return dataset_id(Name(node.namespace, node.name))
