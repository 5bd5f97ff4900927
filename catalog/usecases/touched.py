"""Answer "which deployments does this touch": a dataset, a column of it, or one bad version of it.

A walk downstream finds every model version that the dataset may have reached; what their training runs themselves read
then decides. So a version that was trained before the dataset went bad, or on other columns, is cleared, and where
nobody told the version or the columns it stays possible, never silently clear.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.graph import identity, models
from catalog.graph.assets import datasets, registers_at
from catalog.graph.columns import trace_columns
from catalog.graph.lineage import trace
from catalog.graph.reader import Question, Reader
from catalog.graph.walk import DATASET, DOWNSTREAM, FIELD, PRESENT, Caps, Moment, Node, Walk
from catalog.identity import Name, dataset_id, field_id
from catalog.lineage.facets.model import VersionKey
from catalog.lineage.observe import COLUMNS
from catalog.lineage.serving import Stint
from catalog.usecases.columns import check_column
from catalog.usecases.model_versions import Detail, deployment_stints, details
from catalog.usecases.moments import Standing, standing
from catalog.usecases.spoilt import Bad, Said, Spoilt, Verdict
from catalog.usecases.trainings import SCHEMA, UNKNOWN, Data

MOST_VERSIONS = 200
BY_RUNS, BY_VERSIONS = "RUNS", "VERSIONS"


_ORDER = list(Verdict)


@dataclass(frozen=True, slots=True)
class Touch:
    """A deployment of a version that is touched.

    Attributes:
        because: why, in words.
        path: the way from the dataset or column to the deployment.
    """

    deployment: Name
    key: VersionKey
    verdict: Verdict
    because: str
    stints: tuple[Stint, ...]
    path: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """All that is touched, the surest first, and how far the search went.

    Attributes:
        cleared: versions that the walk reached and their training clears.
    """

    moment: Moment
    touches: tuple[Touch, ...]
    cleared: tuple[tuple[VersionKey, str], ...]
    truncated_by: tuple[str, ...]
    hidden: int
    standing: Standing


def deployments_touched_by(
    reader: Reader,
    name: Name,
    *,
    field: str | None = None,
    version: str | None = None,
    moment: Moment = PRESENT,
    caps: Caps = Caps(depth=50),
) -> Touched | None:
    """The deployments that a dataset, one of its columns or versions touches; None if there is no such dataset."""
    before = standing(reader)
    bad = find(reader, name, field, version, moment)
    if bad is None:
        return None
    walk = trace(reader, Node(dataset_id(name), DATASET, *name), DOWNSTREAM, caps, moment)
    reached = [Name(node.namespace, node.name) for node in walk.nodes.values() if node.kind == DATASET]
    touches: list[Touch] = []
    cleared: dict[VersionKey, str] = {}
    served = models.deployments_of(reader, reached)
    stints = deployment_stints(reader, {name for some in served.values() for name in some}, moment)
    keys = sorted({stint.key for some in stints.values() for stint in some if dataset_id(stint.key.name) in walk.nodes})
    known = details(reader, keys[:MOST_VERSIONS], moment)
    judge = Judge(reader, bad, moment, walk, caps, known.values())
    if len(keys) > MOST_VERSIONS:
        judge.truncated.add(BY_VERSIONS)
    for key in keys[:MOST_VERSIONS]:
        told = known.get(key)
        verdict, because = judge.version(told) if told else (Verdict.POSSIBLE, "nobody tells what trained it")
        if verdict is Verdict.CLEAR:
            cleared[key] = because
            continue
        way = path(walk, dataset_id(key.name))
        for deployment, all_ in stints.items():
            own = tuple(stint for stint in all_ if stint.key == key)
            if own:
                node = Node(dataset_id(deployment), DATASET, *deployment)
                touches.append(Touch(deployment, key, verdict, because, own, (*way, node)))
    touches.sort(key=lambda t: (_ORDER.index(t.verdict), t.deployment, t.key))
    cut = tuple(sorted(walk.truncated_by | judge.truncated))
    return Touched(moment, tuple(touches), tuple(sorted(cleared.items())), cut, len(walk.hidden), before)


def find(reader: Reader, name: Name, field: str | None, version: str | None, moment: Moment) -> Bad | None:
    """What is asked about; None if there is no such dataset.

    Raises:
        UnknownKey: it has no such column.
    """
    id_ = dataset_id(name)
    if id_ not in datasets(reader, [id_]):
        return None
    names = identity.closures(reader, [id_], moment)[id_].ids
    if field is not None:
        check_column(reader, name, field, moment)
    return Bad(name, frozenset(names), field, version)


def path(walk: Walk, end: str) -> tuple[Node, ...]:
    """A shortest way from the root of a walk to one of its nodes."""
    came: dict[str, str] = {walk.root: ""}
    near: dict[str, list[str]] = {}
    for edge in walk.edges.values():
        near.setdefault(edge.source, []).append(edge.target)
        if edge.kind == "SAME_AS":
            near.setdefault(edge.target, []).append(edge.source)
    todo = deque([walk.root])
    while todo and end not in came:
        here = todo.popleft()
        for there in sorted(near.get(here, ())):
            if there not in came:
                came[there] = here
                todo.append(there)
    way = []
    here = end if end in came else ""
    while here:
        way.append(walk.nodes[here])
        here = came[here]
    return tuple(reversed(way))


class Judge:
    """Decides whether the trainings of versions read what is bad; all that tells is read for all of them together.

    Args:
        walk: what is downstream of the dataset.
        versions: all that will be asked about.

    Attributes:
        truncated: by what the search was cut off, see `Touched`.
    """

    def __init__(
        self, reader: Reader, bad: Bad, moment: Moment, walk: Walk, caps: Caps, versions: Iterable[Detail]
    ) -> None:
        self.bad = bad
        self.walk = walk
        self.truncated = set[str]()
        told = list(versions)
        self._runs: dict[str, Said] = {}
        if bad.version is not None:
            spoilt = Spoilt(reader, bad, moment, walk.nodes.keys())
            self._runs = spoilt.verdicts(t.id for one in told for t in one.trainings)
            self.truncated |= {BY_RUNS} if spoilt.truncated else set()
        self._columns: dict[str, set[str]] = {}
        self._traced = set[str]()
        if bad.field is not None:
            self._columns = self._reached(reader, moment, caps)
            ids = {dataset_id(data.name) for one in told for data in one.data} & walk.nodes.keys()
            self._traced = reader.ask(lambda q: _with_lineage(q, ids, moment)) if ids else set()

    def version(self, told: Detail) -> Said:
        """The verdict on a version, and why."""
        found = [self._training(t.id, t.data) for t in told.trainings]
        found += [self._declared(d) for d in told.data if d.origin == "D"]
        if not found:
            return Verdict.POSSIBLE, "nobody tells what trained it"
        return min(found, key=lambda said: _ORDER.index(said[0]))

    def _training(self, run: str, data: tuple[Data, ...]) -> Said:
        said = self._runs[run] if self.bad.version is not None else self._read(data)
        if self.bad.field is not None and said[0] is not Verdict.CLEAR:
            said = max(said, self._field(data), key=lambda one: _ORDER.index(one[0]))
        return said

    def _read(self, data: tuple[Data, ...]) -> Said:
        for one in data:
            if dataset_id(one.name) in self.walk.nodes:
                return Verdict.TOUCHED, f"trained on {one.name.name}"
        return Verdict.CLEAR, "its training read nothing of it"

    def _declared(self, data: Data) -> Said:
        id_, by = dataset_id(data.name), f"manifest {data.by}"
        if id_ not in self.walk.nodes:
            return Verdict.CLEAR, f"{by} names other data"
        if self.bad.version is not None:
            if id_ not in self.bad.ids or not data.versions:
                return Verdict.POSSIBLE, f"{by} names {data.name.name}, not which version of the dataset it holds"
            if self.bad.version not in data.versions:
                return Verdict.CLEAR, f"{by} names version {', '.join(data.versions)}"
        if self.bad.field is not None:
            return self._field((data,))
        return Verdict.TOUCHED, f"{by} says that it was trained on {data.name.name}"

    def _field(self, data: tuple[Data, ...]) -> Said:
        """Whether one of the training's columns is the column, or made of it."""
        found = []
        for one in data:
            id_ = dataset_id(one.name)
            if id_ not in self.walk.nodes:
                continue
            own = {self.bad.field} if id_ in self.bad.ids and self.bad.field else set()
            columns = self._columns.get(id_, set()) | own
            met = sorted(columns & set(one.columns))
            if one.basis in (SCHEMA, UNKNOWN):
                if met or not self._has_lineage(id_):
                    found.append((Verdict.POSSIBLE, f"trained on {one.name.name}, nobody tells on which columns"))
            elif met:
                found.append((Verdict.TOUCHED, f"trained on {one.name.name}.{met[0]}"))
            elif not columns and not self._has_lineage(id_):
                found.append((Verdict.POSSIBLE, f"trained on {one.name.name}, whose columns nobody traces"))
        return min(found, key=lambda said: _ORDER.index(said[0]), default=(Verdict.CLEAR, "trained on other columns"))

    def _reached(self, reader: Reader, moment: Moment, caps: Caps) -> dict[str, set[str]]:
        """The columns downstream of the bad one, by dataset."""
        root = Node(field_id(dataset_id(self.bad.name), self.bad.field or ""), FIELD, *self.bad.name, self.bad.field)
        walk = trace_columns(reader, root, DOWNSTREAM, caps, moment)
        self.truncated |= walk.truncated_by
        found: dict[str, set[str]] = {}
        for node in walk.nodes.values():
            if node.field is not None:
                found.setdefault(dataset_id(Name(node.namespace, node.name)), set()).add(node.field)
        return found

    def _has_lineage(self, id_: str) -> bool:
        """Whether anybody tells column lineage of a dataset; the bad one itself needs none."""
        return id_ in self.bad.ids or id_ in self._traced


def _with_lineage(q: Question, ids: Iterable[str], moment: Moment) -> set[str]:
    """Those datasets that anybody tells column lineage of."""
    return {row["of"] for row in registers_at(q, sorted(ids), COLUMNS, moment)}
