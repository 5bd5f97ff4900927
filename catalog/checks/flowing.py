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
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling.entity import Filler, shaped
from catalog.checks.filling.known import DATA
from catalog.checks.filling.node import COLUMN_SHARED, OF_COLUMNS, SHARED
from catalog.checks.filling.upstream import CARRIERS
from catalog.checks.flow_columns import UNTOLD, USED, How, Told, carries, carrying
from catalog.checks.flow_graph import NO_JOB, Graph, Step
from catalog.checks.judgement import Hop
from catalog.checks.rows import Values, Wrong
from catalog.checks.snapshot import Edge, Place
from catalog.checks.subjects import SHAPES, WrongSubject, member
from catalog.checks.subjects_of import Subjects, node_filler

_COLUMN = "\n"
"""Between a thing's id and a column's name in the id of a node; it sorts before whatever an id goes on with."""


Used = dict[str, tuple[str, ...]]
"""By dataset the columns that a model version was made of."""
_NO_COLUMNS = range(0)


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
        self._columns: dict[int, range] = {}
        self._number: dict[Place, int] = {}
        for id_, thing in sorted(snapshot.things.items()):
            if thing.key.kind not in DATA:
                continue
            at = self._things[id_] = len(self.places)
            self.places.append(Place(id_))
            self.whole.append(at)
            columns = _NO_COLUMNS
            if names := self._known.columns(thing):
                places, columns = [Place(id_, name) for name in names], range(at + 1, at + 1 + len(names))
                self.places += places
                self.whole += [at] * len(names)
                self._number.update(zip(places, columns, strict=True))
                self._columns[at] = columns
            self.parts.append((at, columns))
        self._own: list[list[Step] | None] = [None] * len(self.places)
        self._sorted: list[list[Step] | None] = [None] * len(self.places)
        self._cleans: dict[int, bool] = {}
        told = carrying(snapshot, self._known.lineage, self._things)
        self._hows = told.known
        used = {id_: found for id_ in self._versions() if (found := self._used(id_))}
        self._number_takes(told, used)
        self._add_columns(told)
        edges = map(snapshot.column_edges.__getitem__, told.edges)
        self._add_things({(edge[2], edge[1][0]) for edge in edges}, used)

    def _number_takes(self, told: Told, used: Mapping[str, Used]) -> None:
        """All ways to take a step, by job and how, so that steps compare by where they lead, by job and by how."""
        jobs = self._things
        takes = {(NO_JOB, self._hows.index(UNTOLD)), *zip(told.jobs, told.hows, strict=True)}
        for version in used:
            writing = (edge.source for edge in self._known.into.get(version, ()) if edge.kind == "WRITES")
            takes |= {(jobs.get(job, NO_JOB), self._hows.index(USED)) for job in ("", *writing)}
        self._take = {take: at for at, take in enumerate(sorted(takes))}
        self._taken = list(self._take)
        self.takes = len(takes)
        self._untold = self._take[NO_JOB, self._hows.index(UNTOLD)]

    @cached_property
    def ids(self) -> list[str]:  # type: ignore[override]
        """Of a column the id of its thing with its name."""
        return [f"{place.thing}{_COLUMN}{place.column}" if place.column else place.thing for place in self.places]

    def steps(self, node: int) -> Sequence[Step]:
        """The steps from a node on: of a column also those of its thing, of a thing also those of its columns."""
        found = self._sorted[node]
        if found is None:
            own, whole = self._own, self.whole[node]
            found, more = own[node] or [], self._columns.get(node, ()) if node == whole else (whole,)
            if others := [steps for other in more if (steps := own[other])]:
                found = [*found, *chain.from_iterable(others)]
            found.sort()
            self._sorted[node] = found
        return found

    def job(self, step: Step) -> int:
        """The node of the job that takes a step, or `NO_JOB`."""
        return self._taken[step % self.takes][0]

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

    def number(self, node: int, name: str, *, clear: bool = False) -> int:
        """The number of a member's complete value of one node; that of the vector, where there is one."""
        vector = self._vectors.get((name, clear and self._clear is not self._subjects))
        return super().number(node, name, clear=clear) if vector is None else vector[node]

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
        end, take = divmod(step, self.takes)
        job, number = self._taken[take]
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
        end, take = divmod(step, self.takes)
        job, how = self._taken[take]
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
        known, things, shared = subjects.known, subjects.snapshot.things, SHARED.get(name)
        found, equal, of_columns = list[int](), dict[Any, int](), dict[Any, int]()
        for whole, columns in self.parts:
            thing = things[places[whole].thing]
            key = shared(known, thing) if shared else None
            own = equal.get(key) if shared else None
            if own is None:
                kind = thing.key.kind
                if kind not in by_kind:
                    filler, loose = node_filler(kind, name)
                    by_kind[kind] = filler, loosely if loose else number
                fill, numbered = by_kind[kind]
                own = equal[key] = numbered(fill(known, thing))
            found.append(own)
            if columns and name in OF_COLUMNS:
                found += self._of_columns(subjects, name, columns, number, of_columns)
            elif columns:
                found += [own] * len(columns)
        return found

    def _of_columns(
        self, subjects: Subjects, name: str, columns: range, number: Callable[[Any], int], equal: dict[Any, int]
    ) -> list[int]:
        shared, places, found = COLUMN_SHARED.get(name), self.places, list[int]()
        if shared is None:
            return [number(subjects.node(places[column], name)) for column in columns]
        known, told = subjects.known, subjects.snapshot.things[places[columns[0]].thing].columns
        for column in columns:
            place = places[column]
            key = shared(known, place, told.get(place.column))
            if (one := equal.get(key)) is None:
                one = equal[key] = number(subjects.node(place, name))
            found.append(one)
        return found

    @cached_property
    def _jobs(self) -> frozenset[int]:
        known = self._subjects.snapshot.things
        return frozenset(whole for whole, _ in self.parts if known[self.places[whole].thing].key.kind == "Pipeline")

    @cached_property
    def _clear(self) -> Subjects:
        """What were known if nothing had come through masking: to go through it is for the walk, if no barrier is."""
        clear = self._known.propagated.unmasked
        return self._subjects if clear is self._known.propagated else Subjects(clear.snapshot, clear)

    @cached_property
    def _into(self) -> dict[int, list[tuple[int, Step]]]:
        found: dict[int, list[tuple[int, Step]]] = defaultdict(list)
        for start in range(len(self.places)):
            for step in self.steps(start):
                found[step // self.takes].append((start, step))
        return found

    def _add(self, source: int, step: Step) -> None:
        steps = self._own[source]
        if steps is None:
            self._own[source] = [step]
        else:
            steps.append(step)

    def _add_columns(self, told: Told) -> None:
        """Column lineage, of which there is much, and columns within columns."""
        number, things, takes, take, own = self._number, self._things, self.takes, self._take, self._own
        lineage = self._known.lineage
        nodes = [number.get(place) if place[1] else things.get(place[0]) for place in lineage.places]
        for at, job, how in zip(told.edges, told.jobs, told.hows, strict=True):
            start, end = nodes[lineage.sources[at]], nodes[lineage.targets[at]]
            if start is not None and end is not None:
                step = end * takes + take[job, how]
                steps = own[start]
                if steps is None:
                    own[start] = [step]
                else:
                    steps.append(step)
        for place, column in number.items():
            thing, name = place
            outer = name.rpartition(".")[0]
            while outer and Place(thing, outer) not in number:
                outer = outer.rpartition(".")[0]
            if outer:
                self._add(column, number[Place(thing, outer)] * takes + self._untold)

    def _add_things(self, told: AbstractSet[tuple[str, str]], used: Mapping[str, Used]) -> None:
        """What is not told column by column; `told`: job by job, and what it writes.

        There are many edges: those of one thing come together, so they are looked at together.
        """
        number, takes, own, edges = self._things, self.takes, self._own, self._subjects.snapshot.edges
        if told or used:
            edges = tuple(edge for edge in edges if not self._is_told(edge, told, used))
        leading = {id_: node * takes + self._untold for id_, node in number.items()} if takes > 1 else number
        steps = list(map(leading.get, map(itemgetter(1), edges)))
        begun, before = 0, ""
        for at, source in enumerate(chain(map(itemgetter(0), edges), ("",))):
            if source is not before:
                if (node := number.get(before)) is not None:
                    itself = leading[before]
                    some = [step for step in steps[begun:at] if step is not None and step != itself]
                    own[node] = some + (own[node] or [])
                begun, before = at, source

    def _is_told(self, edge: Edge, told: AbstractSet[tuple[str, str]], used: Mapping[str, Used]) -> bool:
        """Whether more is told of an edge, by column lineage or by a version: its columns lead there instead."""
        from_, to, kind, _, _, _, _ = edge
        if kind == "WRITES" and (from_, to) in told:
            return True
        if told and kind == "DERIVES_FROM" and (from_, to) in self._made_of:
            return True
        known = from_ != to and from_ in self._things and to in self._things
        if known and to in used and self._is_used(from_, kind, used[to]):
            self._add_used(from_ if kind == "WRITES" else "", self._things[to], used[to])
            return True
        return False

    @cached_property
    def _made_of(self) -> frozenset[tuple[str, str]]:
        """Datasets of which column lineage tells what goes from one to the other."""
        edges = self._subjects.snapshot.column_edges
        return frozenset((edge.source.thing, edge.target.thing) for edge in edges if carries(edge))

    def _is_used(self, from_: str, kind: str, used: Used) -> bool:
        """Whether an edge to a version is one along which it got the columns that it names."""
        if from_ in used:
            return True
        reads = {one.source for one in self._known.into.get(from_, ()) if one.kind == "READS"}
        return kind == "WRITES" and bool(reads) and reads <= set(used)

    def _versions(self) -> list[str]:
        return [thing.id for thing in self._known.by_kind.get(Kind.MODEL_VERSION, ())]

    def _used(self, version: str) -> Used:
        """By dataset the columns that a version was trained or evaluated on, where they are named of all of them."""
        training = self._subjects.snapshot.things[version].observed.training
        found: dict[str, tuple[str, ...]] = {}
        for one in training:
            found[one.thing] = (*found.get(one.thing, ()), *one.columns)
        return found if all(one.columns for one in training) else {}

    def _add_used(self, job: str, target: int, used: Used) -> None:
        take = self._take[self._things.get(job, NO_JOB), self._hows.index(USED)]
        for dataset, columns in used.items():
            for column in columns:
                source = self._number.get(Place(dataset, column), self._things.get(dataset))
                if source is not None:
                    self._add(source, target * self.takes + take)
