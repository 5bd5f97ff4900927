"""Answer "whom does this change reach": everything downstream of some things or columns, each with a way to it.

A column is followed by column lineage, and its dataset by table lineage: what only the second one finds may use the
column, nobody said so. Both are told, apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.errors import InvalidQuestion
from catalog.graph.attributes import keys_of
from catalog.graph.entities import curated_of, documents_of, entities
from catalog.graph.reader import Reader
from catalog.graph.walk import DATASET, DOWNSTREAM, JOB, Caps, Edge, Node
from catalog.identity import Name
from catalog.usecases.moments import Standing, standing
from catalog.usecases.trace import ALL, LineageAnswer, lineage

MOST_STARTS = 50
"""Things one question may be about."""


class Start(NamedTuple):
    """Where to begin: a thing, or one column of a dataset (`field`; empty for the whole)."""

    key: Key
    field: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """A thing downstream.

    Attributes:
        key: what it is; a model version, deployment or dashboard, if it is declared as one.
        field: its column, where column lineage leads to one.
        certain: whether lineage says that it uses the column; of whole things always true.
        distance: steps on the shortest way, jobs counted.
        owners: who answers for it, as manifests and people say, spelled `team:orders`.
        path: the nodes of that way, the first and the last included.
    """

    key: Key
    field: str
    certain: bool
    distance: int
    owners: tuple[str, ...]
    path: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What is downstream of one start.

    Attributes:
        known: whether the graph has the thing at all; without it nothing could be walked.
        truncated_by: what cut a walk off (DEPTH, NODES, EDGES, TIME); empty if all was seen.
        hidden: nodes left out because the reader may not see them.
    """

    start: Start
    known: bool
    reached: tuple[Reached, ...]
    truncated_by: tuple[str, ...]
    hidden: int


class Answer(NamedTuple):
    """The impact of each start, in their order, and how far the inbox was."""

    impacts: tuple[Impact, ...]
    standing: Standing


def impact(reader: Reader, starts: Sequence[Start], *, depth: int, caps: Caps = Caps()) -> Answer:
    """What is downstream of each start, as it is now.

    Raises:
        InvalidQuestion: too many starts, one that data never flow from, or a depth out of range.
    """
    if len(starts) > MOST_STARTS:
        raise InvalidQuestion(f"{len(starts)} roots; one question may have {MOST_STARTS}, ask in portions")
    at = standing(reader)
    walks = [(start, _walks(reader, start, depth, caps)) for start in starts]
    nodes = {node.id: node for _, answers in walks for answer in answers for node in answer.nodes}
    known_as = _kinds(reader, nodes.values())
    owners = _owners(reader, {*known_as.values()})
    found = []
    for start, answers in walks:
        reached: dict[tuple[Key, str], Reached] = {}
        for answer, certain in zip(answers, (not start.field or len(answers) > 1, False), strict=False):
            for one in _reached(answer, known_as, owners, certain):
                reached.setdefault((one.key, one.field), one)
        sure = {key for (key, _), one in reached.items() if one.certain}
        found.append(
            Impact(
                start=start,
                known=bool(answers),
                reached=_sorted(replace(one, certain=one.key in sure) for one in reached.values()),
                truncated_by=tuple(sorted({by for answer in answers for by in answer.truncated_by})),
                hidden=sum(answer.hidden for answer in answers),
            )
        )
    return Answer(tuple(found), at)


def _walks(reader: Reader, start: Start, depth: int, caps: Caps) -> list[LineageAnswer]:
    """The walk of a column before the one of its dataset; the first alone for whole things."""
    job, dataset = job_of(start.key), dataset_of(start.key)
    name = job or dataset
    if name is None:
        raise InvalidQuestion(f"{start.key}: data flow from datasets, jobs and models, not from a {start.key.kind}")
    if job and start.field:
        raise InvalidQuestion(f"{start.key}: a pipeline has no columns")
    answers = []
    for field in (start.field, None) if start.field else (None,):
        answer = lineage(
            reader,
            kind=JOB if job else DATASET,
            name=name,
            field=field,
            direction=DOWNSTREAM,
            depth=depth,
            granularity=ALL,
            caps=caps,
        )
        if answer is not None:
            answers.append(answer)
    return answers


def _reached(
    answer: LineageAnswer, known_as: Mapping[str, Key], owners: Mapping[Key, tuple[str, ...]], certain: bool
) -> Iterable[Reached]:
    nodes = {node.id: node for node in answer.nodes}
    for id_, path in _ways(answer.root.id, answer.edges).items():
        if id_ != answer.root.id and id_ in nodes:
            key = known_as[id_]
            way = tuple(nodes[step] for step in path)
            yield Reached(key, nodes[id_].field or "", certain, len(path) - 1, owners.get(key, ()), way)


def _ways(root: str, edges: Iterable[Edge]) -> dict[str, tuple[str, ...]]:
    """A shortest way to every node that is reached, the same one whatever the order of the edges."""
    onward: dict[str, set[str]] = {}
    for edge in edges:
        onward.setdefault(edge.source, set()).add(edge.target)
        if edge.kind == "SAME_AS":
            onward.setdefault(edge.target, set()).add(edge.source)
    found: dict[str, tuple[str, ...]] = {root: (root,)}
    todo = deque([root])
    while todo:
        here = todo.popleft()
        for other in sorted(onward.get(here, ())):
            if other not in found:
                found[other] = (*found[here], other)
                todo.append(other)
    return found


def _kinds(reader: Reader, nodes: Iterable[Node]) -> dict[str, Key]:
    """What each node is: of a dataset node that a model, a deployment or a dashboard is declared for, that."""
    plain, ids = {}, {}
    for node in nodes:
        kind = Kind.PIPELINE if node.kind == JOB else Kind.DATASET
        plain[node.id] = Key(kind, node.namespace, node.name)
        for key in keys_of(Name(node.namespace, node.name)) if node.kind != JOB else ():
            if key.kind is not Kind.DATASET:
                ids[entity_id(key)] = (node.id, key)
    declared = entities(reader, sorted(ids))
    return plain | {ids[id_][0]: ids[id_][1] for id_ in sorted(declared)}


def _owners(reader: Reader, keys: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
    """Who answers for things: all that manifests and people name."""
    by_id = {entity_id(key): key for key in keys}
    found: dict[str, set[str]] = {}
    for id_, told in documents_of(reader, sorted(by_id)).items():
        found.setdefault(id_, set()).update(str(owner) for one in told for owner in one.document.get("owners") or ())
    for id_, said in curated_of(reader, sorted(by_id)).items():
        found.setdefault(id_, set()).update(
            one.item for one in said if one.attribute == "owners" and not one.field and one.value is not None
        )
    return {by_id[id_]: tuple(sorted(owners)) for id_, owners in found.items()}


def _sorted(reached: Iterable[Reached]) -> tuple[Reached, ...]:
    return tuple(sorted(reached, key=lambda one: (not one.certain, one.distance, one.key, one.field)))
