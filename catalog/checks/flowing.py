"""A snapshot as flow policies walk over it.

A thing is a node, and so is each of its columns. Jobs are nodes, too: they can be where data must not go. Where column
lineage tells which columns of a dataset a job made of which, data go from column to column; where nobody tells it, they
go from all that the job reads into the job, and from the job into everything that it writes: unknown is never clear. A
column of which more is not told goes where its dataset goes.

* Of a model version that names the columns it was trained on, only those go into it.
* What only decides about rows or values (INDIRECT) carries nothing.
* A step is masked or anonymised by an algorithm that counts, never by a flag alone; it is anonymised, too, where a
  steward has stopped personal data, and where it leads to a thing that states to hold none and is found to hold none.
* A thing has its own tags and those of its columns, a column its own; all other members are those of the thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.categories import PII
from catalog.checks.classification.direct import stopped, stops
from catalog.checks.classification.masking import decide
from catalog.checks.classification.propagate import attributes_of
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.filling.entity import Filler, shaped
from catalog.checks.filling.known import DATA
from catalog.checks.filling.node import OF_COLUMNS
from catalog.checks.filling.upstream import CARRIERS
from catalog.checks.flow_graph import NO_JOB, Graph, Step
from catalog.checks.judgement import Hop
from catalog.checks.rows import Values, Wrong
from catalog.checks.snapshot import ColumnEdge, Place, Snapshot
from catalog.checks.subjects import SHAPES, WrongSubject, member
from catalog.checks.subjects_of import Subjects, node_filler

_COLUMN = "\n"
"""Between a thing's id and a column's name in the id of a node; it sorts before whatever an id goes on with."""


class How(NamedTuple):
    """How a step is taken: all that a barrier may look at but its ends and its job; -1 is unknown, so hows compare."""

    type: str = ""
    subtype: str = ""
    masking: int = -1
    anonymized: int = -1


_UNTOLD, _USED = How(), How("DIRECT")


class Flowing(Graph):
    """The graph of a snapshot."""

    def __init__(self, subjects: Subjects, values: Values | None = None) -> None:
        self.values = values or Values()
        self._vectors: dict[tuple[str, bool], list[int]] = {}
        self._subjects = subjects
        self._known = subjects.known
        snapshot = subjects.snapshot
        self.places: list[Place] = []
        self.whole: list[int] = []
        self.parts: list[tuple[int, range]] = []
        self._things: dict[str, int] = {}
        for id_ in sorted(snapshot.things):
            thing = snapshot.things[id_]
            if thing.key.kind not in DATA:
                continue
            at = self._things[id_] = len(self.places)
            self.places.append(Place(id_))
            self.whole.append(at)
            if names := self._known.columns(thing):
                self.places += [Place(id_, name) for name in names]
                self.whole += [at] * len(names)
            self.parts.append((at, range(at + 1, len(self.places))))
        self._number = {place: at for at, place in enumerate(self.places)}
        self._columns = {whole: columns for whole, columns in self.parts if columns}
        self._own: list[list[Step] | None] = [None] * len(self.places)
        self._cleans: dict[int, bool] = {}
        self._sorted: list[Sequence[Step] | None] = [None] * len(self.places)
        told = [(edge, _how(snapshot, edge)) for edge in snapshot.column_edges if _carries(edge)]
        self._hows = sorted({_UNTOLD, _USED, *(how for _, how in told)})
        self._how = {how: at for at, how in enumerate(self._hows)}
        self._add_columns(told)
        self._add_things()

    @cached_property
    def ids(self) -> list[str]:  # type: ignore[override]
        """Of a column the id of its thing with its name."""
        return [f"{place.thing}{_COLUMN}{place.column}" if place.column else place.thing for place in self.places]

    def steps(self, node: int) -> Sequence[Step]:
        """The steps from a node on: of a column also those of its thing, of a thing also those of its columns."""
        found = self._sorted[node]
        if found is None:
            own, whole = self._own, self.whole[node]
            others = self._columns.get(node, ()) if node == whole else (whole,)
            steps = own[node] or []
            if more := [step for other in others for step in own[other] or ()]:
                steps = steps + more
            found = self._sorted[node] = sorted(steps)
        return found

    def back(self, node: int) -> Sequence[tuple[int, Step]]:
        """The steps that lead to a node."""
        return self._into.get(node, ())

    def of_whole(self, node: int) -> Sequence[int]:
        """A whole thing with its columns."""
        return [node, *self._columns.get(node, ())]

    def facts(self, node: int, name: str, *, clear: bool = False) -> Any:
        """What is known of a member of a thing or a column."""
        place = self.places[node if name in OF_COLUMNS else self.whole[node]]
        return (self._clear if clear else self._subjects).node(place, name)

    def vector(self, name: str, *, clear: bool = False) -> list[int]:
        """The numbers of a member's complete values; found once where columns do not differ from their thing."""
        clear = clear and self._clear is not self._subjects
        if (name, clear) not in self._vectors:
            self._vectors[name, clear] = self._vector(name, clear=clear)
        return self._vectors[name, clear]

    def node(self, node: int, name: str) -> Any:
        """A member of a node, complete.

        Raises:
            WrongSubject: it has another form.
        """
        vector = self._vectors.get((name, False))
        if vector is None:
            return super().node(node, name)
        value = self.values.known[vector[node]]
        if isinstance(value, Wrong):
            raise WrongSubject(value.reason)
        return value

    def edge(self, step: Step, name: str) -> Any:
        """What is known of a member of a step."""
        end, job, number = step
        how = self._hows[number]
        if name in ("masking", "anonymized"):
            told = how.masking if name == "masking" else how.anonymized
            if name == "anonymized" and told != 1 and self._clean(end):
                return True
            return None if told < 0 else bool(told)
        if name in ("type", "subtype"):
            return (how.type if name == "type" else how.subtype) or None
        if name == "job":
            return self.places[job].thing if job != NO_JOB else None
        return self._subjects.edge(self.places[end], name)

    def same(self, step: Step, names: Sequence[str]) -> Any:
        """What steps have in common whose members of these names are equal."""
        end, job, how = step
        more = [name for name in names if name not in How._fields]
        clean = "anonymized" in names
        if not more and not clean:
            return how
        there = self.whole[end] if set(more) - {"job"} else None
        return (how, clean and self._clean(end), job if "job" in more else None, there)

    def _clean(self, node: int) -> bool:
        """Whether a thing is known to hold no personal data."""
        whole = self.whole[node]
        found = self._cleans.get(whole)
        if found is None:
            thing = self._subjects.snapshot.things[self.places[whole].thing]
            found = self._cleans[whole] = thing.key.kind in CARRIERS and self._known.personal.holds(thing) is False
        return found

    def hops(self, path: Sequence[int], jobs: Sequence[int]) -> tuple[Hop, ...]:
        """A way as witnesses tell it: a job is named on the hop that it takes, unless the way begins or ends there."""
        found: list[Hop] = []
        source, job = path[0], ""
        for at, (node, taken) in enumerate(zip(path[1:], jobs, strict=True), 1):
            place = self.places[node]
            if node in self._jobs and at < len(path) - 1 and not job:
                job = place.thing
                continue
            by = job or (self.places[taken].thing if taken != NO_JOB else "")
            found.append(Hop(self.places[source], place, by if by != self.places[source].thing else ""))
            source, job = node, ""
        return tuple(found)

    def _vector(self, name: str, *, clear: bool) -> list[int]:
        form, path, by_kind = SHAPES["node"][name], f"node.{name}", dict[Kind, tuple[Filler, Callable[[Any], int]]]()
        number = self.values.completing(lambda raw: member(form, raw, path))
        loosely = self.values.completing(lambda raw: member(form, shaped(form, raw), path))
        subjects, places = self._clear if clear else self._subjects, self.places
        known, things = subjects.known, subjects.snapshot.things
        found: list[int] = []
        for whole, columns in self.parts:
            thing = things[places[whole].thing]
            kind = thing.key.kind
            if kind not in by_kind:
                filler, loose = node_filler(kind, name)
                by_kind[kind] = filler, loosely if loose else number
            fill, numbered = by_kind[kind]
            own = numbered(fill(known, thing))
            found.append(own)
            if columns and name in OF_COLUMNS:
                found += [number(subjects.node(places[column], name)) for column in columns]
            else:
                found += [own] * len(columns)
        return found

    @cached_property
    def _jobs(self) -> frozenset[int]:
        known = self._subjects.snapshot.things
        return frozenset(whole for whole, _ in self.parts if known[self.places[whole].thing].key.kind == "Pipeline")

    @cached_property
    def _clear(self) -> Subjects:
        """What were known if nothing had come through masking: to go through it is for the walk, if no barrier is."""
        snapshot = self._subjects.snapshot
        told = tuple(edge for edge in snapshot.column_edges if gait_of(edge) is not Gait.MASKED)
        return (
            Subjects(replace(snapshot, column_edges=told)) if len(told) < len(snapshot.column_edges) else self._subjects
        )

    @cached_property
    def _into(self) -> dict[int, list[tuple[int, Step]]]:
        found: dict[int, list[tuple[int, Step]]] = defaultdict(list)
        for start in range(len(self.places)):
            for step in self.steps(start):
                found[step[0]].append((start, step))
        return found

    def _add(self, source: int, step: Step) -> None:
        steps = self._own[source]
        if steps is None:
            self._own[source] = [step]
        else:
            steps.append(step)

    def _add_columns(self, told: list[tuple[ColumnEdge, How]]) -> None:
        """Column lineage, and columns within columns; of which ways it tells, is noted."""
        number = self._number
        self._told = {(edge.job, edge.target.thing) for edge, _ in told}
        self._between = {(edge.source.thing, edge.target.thing) for edge, _ in told}
        for edge, how in told:
            source, target = number.get(edge.source), number.get(edge.target)
            if source is not None and target is not None and source != target:
                self._add(source, (target, self._things.get(edge.job, NO_JOB), self._how[how]))
        for _, columns in self.parts:
            for column in columns:
                thing, name = self.places[column]
                outer = name.rpartition(".")[0]
                while outer and Place(thing, outer) not in number:
                    outer = outer.rpartition(".")[0]
                if outer:
                    self._add(column, (number[Place(thing, outer)], NO_JOB, self._how[_UNTOLD]))

    def _add_things(self) -> None:
        """What is not told column by column."""
        number, own, known, untold = self._things, self._own, self._known, self._how[_UNTOLD]
        used = {id_: found for id_ in self._versions() if (found := self._used(id_))}
        told = {kind: some for kind, some in (("WRITES", self._told), ("DERIVES_FROM", self._between)) if some}
        leading: dict[str, Step] = {id_: (node, NO_JOB, untold) for id_, node in number.items()}
        for from_, to, kind, _, _, _, _ in self._subjects.snapshot.edges:  # `Edge`, of which there are many
            if kind in told and (from_, to) in told[kind]:
                continue
            source, step = number.get(from_), leading.get(to)
            if source is None or step is None or from_ == to:
                continue
            if used and to in used:
                reads = {one.source for one in known.into.get(from_, ()) if one.kind == "READS"}
                if from_ in used[to] or (kind == "WRITES" and reads and reads <= set(used[to])):
                    self._add_used(from_ if kind == "WRITES" else "", step[0], used[to])
                    continue
            steps = own[source]
            if steps is None:
                own[source] = [step]
            else:
                steps.append(step)

    def _versions(self) -> list[str]:
        return [thing.id for thing in self._known.by_kind.get(Kind.MODEL_VERSION, ())]

    def _used(self, version: str) -> dict[str, tuple[str, ...]]:
        """By dataset the columns that a version was trained or evaluated on, where they are named of all of them."""
        training = self._subjects.snapshot.things[version].observed.training
        found: dict[str, tuple[str, ...]] = {}
        for one in training:
            found[one.thing] = (*found.get(one.thing, ()), *one.columns)
        return found if all(one.columns for one in training) else {}

    def _add_used(self, job: str, target: int, used: dict[str, tuple[str, ...]]) -> None:
        by = self._things.get(job, NO_JOB)
        for dataset, columns in used.items():
            for column in columns:
                source = self._number.get(Place(dataset, column), self._things.get(dataset))
                if source is not None:
                    self._add(source, (target, by, self._how[_USED]))


def _carries(edge: ColumnEdge) -> bool:
    return gait_of(edge) is not Gait.INFLUENCE and edge.source != edge.target


def _how(snapshot: Snapshot, edge: ColumnEdge) -> How:
    masking = decide(edge)
    words = stopped(attributes_of(snapshot, edge.target))
    return How(
        edge.type,
        edge.subtype,
        int(masking is not None and masking.counts),
        int((masking is not None and masking.anonymizes) or bool(words and stops(PII, words))),
    )
