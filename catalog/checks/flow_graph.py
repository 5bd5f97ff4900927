"""What flow policies walk over: nodes by number, steps between them, and what is known of both when it is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.checks.rows import Values
from catalog.checks.subjects import SHAPES, member

Facts = Mapping[str, Any]
NO_JOB = -1
Step = int
"""The node that it leads to, times the number of ways to take a step (`Graph.takes`), and which of them it is."""


class Graph(ABC):
    """A graph whose nodes are numbered in the order of their ids, so that nothing depends on any other order.

    Attributes:
        ids: of the nodes.
        whole: by node the one that stands for the whole thing: itself, but for columns.
        parts: each thing with its columns.
        values: of members, by number.
        takes: in how many ways steps are taken, by which job and how; steps are divided by it, so at least one.
    """

    ids: Sequence[str]
    whole: Sequence[int]
    parts: Sequence[tuple[int, Sequence[int]]]
    values: Values
    takes: int

    @abstractmethod
    def steps(self, node: int) -> Sequence[Step]:
        """The steps from a node on, in order."""

    @abstractmethod
    def job(self, step: Step) -> int:
        """The node of the job that takes a step, or `NO_JOB`."""

    @abstractmethod
    def back(self, node: int) -> Sequence[tuple[int, Step]]:
        """The steps that lead to a node, in order, each with where it begins."""

    @abstractmethod
    def of_whole(self, node: int) -> Sequence[int]:
        """A whole thing with its columns."""

    @abstractmethod
    def facts(self, node: int, name: str, *, clear: bool = False) -> Any:
        """What is known of a member of a node; `clear`: without tags that only came through masking."""

    @abstractmethod
    def edge(self, step: Step, name: str) -> Any:
        """What is known of a member of an edge."""

    @abstractmethod
    def same(self, step: Step, names: Sequence[str]) -> Any:
        """What steps have in common whose members of these names are equal; a number, if it is how they are taken."""

    def vector(self, name: str, *, clear: bool = False) -> list[int]:
        """The numbers of a member's complete values, by node."""
        number = self.values.completing(lambda raw: member(SHAPES["node"][name], raw, f"node.{name}"))
        return [number(self.facts(node, name, clear=clear)) for node in range(len(self.ids))]

    def number(self, node: int, name: str, *, clear: bool = False) -> int:
        """The number of a member's complete value of one node."""
        number = self.values.completing(lambda raw: member(SHAPES["node"][name], raw, f"node.{name}"))
        return number(self.facts(node, name, clear=clear))

    def node(self, node: int, name: str) -> Any:
        """A member of a node, complete.

        Raises:
            WrongSubject: it has another form.
        """
        return member(SHAPES["node"][name], self.facts(node, name), f"node.{name}")


class Edge(NamedTuple):
    """Data going from one node to another, and how."""

    start: str
    end: str
    facts: Facts


class Written(Graph):
    """A graph that is written down."""

    def __init__(self, nodes: Mapping[str, Facts], edges: Iterable[Edge]) -> None:
        self.ids = sorted(nodes)
        self.whole = range(len(self.ids))
        self.parts = [(number, ()) for number in self.whole]
        number = {id: at for at, id in enumerate(self.ids)}
        self.values = Values()
        self._nodes = nodes
        self._facts: list[Facts] = []
        self._out: list[list[Step]] = [[] for _ in self.ids]
        self._into: list[list[tuple[int, Step]]] = [[] for _ in self.ids]
        ordered = sorted(edges, key=lambda edge: (edge.start, edge.end, repr(sorted(edge.facts.items()))))
        self.takes = max(1, len(ordered))
        for edge in ordered:
            step = number[edge.end] * self.takes + len(self._facts)
            self._facts.append(edge.facts)
            self._out[number[edge.start]].append(step)
            self._into[number[edge.end]].append((number[edge.start], step))

    def steps(self, node: int) -> Sequence[Step]:
        """The steps from a node on."""
        return self._out[node]

    def job(self, step: Step) -> int:
        """Nobody tells any."""
        return NO_JOB

    def back(self, node: int) -> Sequence[tuple[int, Step]]:
        """The steps that lead to a node."""
        return self._into[node]

    def of_whole(self, node: int) -> Sequence[int]:
        """The node itself."""
        return [node]

    def facts(self, node: int, name: str, *, clear: bool = False) -> Any:
        """What is known of a member of a node."""
        id = self.ids[node]
        return self._nodes[id].get(name, id if name == "id" else None)

    def edge(self, step: Step, name: str) -> Any:
        """What is known of a member of an edge."""
        return self._facts[step % self.takes].get(name)

    def same(self, step: Step, names: Sequence[str]) -> Any:
        """Each edge is told of by itself."""
        return step % self.takes
