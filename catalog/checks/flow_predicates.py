"""What the predicates of a flow policy say of nodes and edges, once for each combination of the values they read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.checks.engine import Failed
from catalog.checks.flow_graph import Graph
from catalog.checks.judge import bind
from catalog.checks.policy import CompiledPolicy, expressions, members
from catalog.checks.rows import Wrong
from catalog.checks.subjects import SHAPES, Shape

MAX_ERRORS = 20
"""Errors that a result names."""


class Predicates:
    """Those of a policy, asked of a graph.

    Attributes:
        texts: of the expressions, by field.
        read: by field the members that it reads, sorted.
        errors: which of them failed where, and why; the first ones.
        failed: the things for which one failed, with why.
        doubtful: the nodes of which it is not known whether something begins there, with why.
    """

    def __init__(self, compiled: CompiledPolicy, graph: Graph, now: datetime) -> None:
        self.errors: list[str] = []
        self.failed: dict[int, str] = {}
        self.doubtful: dict[int, str] = {}
        self.texts = expressions(compiled.policy)
        self.read = {
            field: sorted(all_members(members(text, variable), SHAPES[variable]))
            for field, variable in (("from", "node"), ("to", "node"), ("barrier", "edge"))
            if (text := self.texts.get(field)) is not None
        }
        self._compiled = compiled
        self._graph = graph
        self._now = now
        self._known: dict[tuple[str, tuple[int, ...]], bool | Failed] = {}
        self._holds: dict[str, list[bool]] = {}
        # what only came through masking counts for a barrier that looks at it, not for where it begins
        self._clear = "masking" in self.read.get("barrier", ())

    def held(self, field: str) -> list[bool]:
        """By node whether a predicate holds; one that fails does not."""
        found = self._holds.get(field)
        if found is None:
            clear = field == "from" and self._clear
            vectors = [self._graph.vector(name, clear=clear) for name in self.read[field]]
            keys = list(zip(*vectors, strict=True)) if vectors else [()] * len(self._graph.ids)
            found = self._holds[field] = self._holding(field, range(len(keys)), keys)
        return found

    def held_at(self, field: str, nodes: Sequence[int]) -> list[bool]:
        """The same of some nodes; what fails is noted of these."""
        clear, names = field == "from" and self._clear, self.read[field]
        keys = [tuple(self._graph.number(node, name, clear=clear) for name in names) for node in nodes]
        return self._holding(field, nodes, keys)

    def _holding(self, field: str, nodes: Sequence[int], keys: Sequence[tuple[int, ...]]) -> list[bool]:
        """A predicate asked once for each combination of the values that it reads."""
        whole, asked = self._graph.whole, {key: self.ask(field, "node", key) for key in dict.fromkeys(keys)}
        failed = {key: held for key, held in asked.items() if isinstance(held, Failed)}
        for node, key in zip(nodes, keys, strict=True) if failed else ():
            if key in failed and (field == "from" or node == whole[node]):
                self.failed.setdefault(whole[node], f"`{field}`: {failed[key].reason}")
                if field == "from":
                    self.doubt(field, [node], failed[key].reason)
                else:
                    self.error(field, self._graph.ids[node], failed[key].reason)
        holds = {key: held is True for key, held in asked.items()}
        return list(map(holds.__getitem__, keys))

    def ask(self, field: str, variable: str, numbers: tuple[int, ...]) -> bool | Failed:
        """What a predicate says of values by their numbers."""
        held = self._known.get((field, numbers))
        if held is None:
            values = [self._graph.values.known[number] for number in numbers]
            if wrong := next((value for value in values if isinstance(value, Wrong)), None):
                return Failed(wrong.reason)
            given = {variable: dict(zip(self.read[field], values, strict=True))}
            engine, params = self._compiled.engine, self._compiled.policy.parameters
            found = self._compiled.programs[field].evaluate(bind(engine, params, self._now, given))
            held = self._known[field, numbers] = found if isinstance(found, bool | Failed) else Failed("gave a text")
        return held

    def doubt(self, field: str, nodes: Sequence[int], reason: str) -> None:
        """Note that it is not known whether something begins at some nodes, and why."""
        self.error(field, self._graph.ids[nodes[0]], reason)
        self.doubtful.update((node, f"`{field}` of {self._graph.ids[node]}: {reason}") for node in nodes)

    def error(self, field: str, place: str, reason: str) -> None:
        """Note that a predicate failed."""
        told = f"`{field}` of {place}: {reason}"
        if len(self.errors) < MAX_ERRORS and told not in self.errors:
            self.errors.append(told)


def all_members(read: frozenset[str] | None, shape: Shape) -> frozenset[str]:
    """The members that an expression reads; all, where it uses the variable as a whole."""
    return frozenset(shape) if read is None else read
