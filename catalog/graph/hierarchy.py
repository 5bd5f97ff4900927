"""Jobs above, below and beside jobs: who starts them, and who runs before and after; no data flow here.

What producers say of parents can be wrong in any way (a job that is its own parent, two that are each other's), so
nothing here trusts that going up ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.graph.assets import around, jobs
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.walk import JOB, Moment, Node, holding
from catalog.identity import Name

MAX_LEVELS = 50
MAX_BESIDE = 1_000
_BESIDE = "dependencies_of_jobs"
SEPARATORS = (".", "/", ":")


def dependencies(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, list[Row]]:
    """The jobs before and after jobs, whichever of the two said so, sorted by name: `{other, before, teller}`."""
    wanted = sorted(set(ids))

    def work(q: Question) -> list[Row]:
        if not moment.past:
            return q.rows_by_id("assets", "dependencies_of_jobs", wanted, limit=MAX_BESIDE)
        rows = q.rows_by_id("assets", f"{_BESIDE}_past", wanted, limit=MAX_BESIDE, **moment.bounds)
        return holding(q, rows, moment)

    found: dict[str, list[Row]] = {id_: [] for id_ in wanted}
    for row in sorted(reader.ask(work), key=lambda row: (row["ord"], row["kind"], row["out"])):
        before = (row["kind"] == "FOLLOWS") == row["out"]
        teller = row["id"] if row["out"] else row["other"]
        found[row["id"]].append({"other": row["other"], "before": before, "teller": teller})
    return found


def simple_name(name: Name, parents: Iterable[Name]) -> str:
    """A job's name without the name of a parent in front of it, so that nobody reads it twice below its parent."""
    rests = [
        name.name[len(parent.name) + 1 :]
        for parent in parents
        if name.name.startswith(tuple(parent.name + separator for separator in SEPARATORS))
    ]
    return min((rest for rest in rests if rest), key=len, default=name.name)


def tops(reader: Reader, nodes: Iterable[Node], moment: Moment) -> dict[str, Node]:
    """The topmost known parent of each job, itself if it has none.

    Of several parents the first by name counts. Of jobs that are each other's parents the first by name is the top.
    """
    known = {node.id: node for node in nodes}
    parent: dict[str, str] = {}
    wanted, asked = sorted(known), set(known)
    for _ in range(MAX_LEVELS):
        above = around(reader, "parents", wanted, moment, whole=False) if wanted else {}
        new = {id_ for ids in above.values() for id_ in ids} - known.keys()
        known.update({id_: _node(row) for id_, row in jobs(reader, new).items()} if new else {})
        for id_, ids in above.items():
            if named := sorted((known[up] for up in ids if up in known and up != id_), key=_order):
                parent[id_] = named[0].id
        wanted = sorted({up for up in parent.values() if up not in asked})
        asked.update(wanted)
    return {id_: known[_top(id_, parent, known)] for id_ in known}


def descendants(reader: Reader, root: Node, moment: Moment, limit: int) -> list[Node]:
    """All jobs below a job, level by level; of more than fit with it into `limit` nodes one more, to show it."""
    seen, wanted = {root.id}, [root.id]
    for _ in range(MAX_LEVELS):
        below = around(reader, "children", wanted, moment, whole=False) if wanted else {}
        wanted = sorted({id_ for ids in below.values() for id_ in ids} - seen)[: limit + 1 - len(seen)]
        seen.update(wanted)
    return sorted((_node(row) for row in jobs(reader, seen - {root.id}).values()), key=_order)


def _top(id_: str, parent: Mapping[str, str], known: Mapping[str, Node]) -> str:
    path = [id_]
    while (up := parent.get(path[-1])) is not None:
        if up in path:
            return min(path[path.index(up) :], key=lambda member: _order(known[member]))
        path.append(up)
    return path[-1]


def _node(row: Row) -> Node:
    return Node(row["id"], JOB, row["namespace"], row["name"])


def _order(node: Node) -> tuple[str, str, str]:
    return node.namespace, node.name, node.id
