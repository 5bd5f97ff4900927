"""Walks column lineage level by level, with the same caps and the same honesty as table lineage.

A dependency of a whole dataset on a column (a filter, a join) counts for each of its columns: upstream it is followed
from any of them, downstream it leads to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.graph.identity import Names, names_of
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
        self.things: dict[str, Names] = {}

    def begin(self, root: Node) -> None:
        self.root = root
        dataset = root.id if root.kind == DATASET else _dataset_of(root)
        self.names[dataset] = {"namespace": root.namespace, "name": root.name, "visible": True}
        self.walk_.add_node(root)
        if root.kind == DATASET:
            for path in self._paths(dataset):
                self._enter(field_id(dataset, path), dataset, path)

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
        for row in self._rows(self._with_aliases(ids, seen), way):
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
            edge = Edge(*ends, "DERIVES_FROM", row["key"], row["origin"], *said, whole=row["whole"])
            edge = edge._replace(manifest=row["manifest"] or "")
            self.walk_.add_edge(edge, row["from"])
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
            row["from"], row["whole"] = row["id"], not row["dataset"]
        if way == UPSTREAM:
            members = self._speaking_for(ids)
            for row in self.walk_.around(self.q, "upstream_of_whole_datasets", sorted(members)):
                rows += [{**row, "from": id_, "whole": True} for id_ in members[row["id"]]]
        return rows

    def _speaking_for(self, ids: list[str]) -> dict[str, list[str]]:
        """The columns of each dataset; of one that is not there under a name, those of its other names stand in."""
        known = set(ids)
        members: dict[str, list[str]] = {}
        named = self._names_of({_dataset_of(self.walk_.nodes[id_]) for id_ in ids})
        for id_ in ids:
            node = self.walk_.nodes[id_]
            for name in named[_dataset_of(node)].ids:
                own = field_id(name, node.field or "")
                if own == id_ or own not in known:
                    members.setdefault(name, []).append(id_)
        return members

    def _names_of(self, datasets: Iterable[str]) -> dict[str, Names]:
        """All names of datasets at the walk's moment, each asked for once."""
        missing = sorted(set(datasets) - self.things.keys())
        self.things.update(names_of(self.q, missing, self.walk_.moment))
        return self.things

    def _paths(self, dataset: str) -> list[str]:
        """The columns of a dataset under any of its names."""
        ids = self._names_of([dataset])[dataset].ids
        rows = self.q.rows("lineage", "fields_of", ids=ids, limit=self.walk_.caps.nodes)
        return list(dict.fromkeys(row["path"] for row in sorted(rows, key=lambda r: ids.index(r["dataset"]))))

    def _columns_of(self, dataset: str, seen: set[str]) -> list[str]:
        found = []
        for path in self._paths(dataset):
            id_ = field_id(dataset, path)
            if id_ not in seen and self._enter(id_, dataset, path, dataset):
                seen.add(id_)
                found.append(id_)
                self.walk_.add_edge(Edge(dataset, id_, "HAS_FIELD"))
        return found

    def _with_aliases(self, ids: list[str], seen: set[str]) -> list[str]:
        """The same columns under the other names of their datasets: no hop."""
        nodes = [self.walk_.nodes[id_] for id_ in ids]
        named = self._names_of(map(_dataset_of, nodes))
        wanted: dict[str, tuple[str, str, str]] = {}
        for node in nodes:
            own = _dataset_of(node)
            for other, tie in named[own].ties.items():
                alias = field_id(other, node.field or "")
                if alias not in seen:
                    wanted[alias] = (node.id, tie.key if tie.through == own else "", other)
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
