"""The `subset` facet: which part of a dataset a run read or wrote (spec 1-1-0)."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.facets.part import Part

DEPTH = 20


class Partition(NamedTuple):
    """One partition, by its identifier, its dimensions, or both."""

    identifier: str | None
    dimensions: dict[str, str]


class Condition(NamedTuple):
    """A condition as a tree.

    Attributes:
        type: location, partition, compare, binary, or for the ends of a comparison field, literal, transform.
        word: the operator, comparison, field, literal or transform.
        parts: the sides of a comparison or of a binary condition, or what a transform is of.
    """

    type: str
    word: str | None = None
    locations: tuple[str, ...] = ()
    partitions: tuple[Partition, ...] = ()
    parts: tuple[Condition, ...] = ()

    def __str__(self) -> str:
        """The condition in one line: `(first_name EQUAL 'John') AND (last_name EQUAL 'Smith')`."""
        if self.type == "location":
            return " | ".join(self.locations)
        if self.type == "partition":
            return " | ".join(
                p.identifier or ", ".join(f"{k}={v}" for k, v in p.dimensions.items()) for p in self.partitions
            )
        if self.type == "literal":
            return f"'{self.word}'"
        if self.type == "field":
            return self.word or ""
        if len(self.parts) == 2:
            left, right = (f"({p})" if p.type in ("compare", "binary") else str(p) for p in self.parts)
            return f"{left} {self.word} {right}"
        return f"{self.word}({', '.join(map(str, self.parts))})"


def input_subset(part: Part) -> Condition | None:
    """`subset` of an input."""
    return _subset(part, "inputCondition")


def output_subset(part: Part) -> Condition | None:
    """`subset` of an output."""
    return _subset(part, "outputCondition")


def _subset(part: Part, key: str) -> Condition | None:
    inner = part.part(key)
    if inner is None:
        part.complain(key, "missing")
        return None
    return _condition(inner, DEPTH)


def _condition(part: Part, depth: int) -> Condition | None:
    type_ = (part.needed("type") or "").lower()
    if not type_:
        return None
    if not depth:
        part.complain("type", f"nested deeper than {DEPTH} levels, cut here")
        return None
    if type_ == "location":
        return Condition(type_, locations=part.texts("locations"))
    if type_ == "partition":
        return Condition(type_, partitions=part.parts("partitions", _partition))
    if type_ in ("compare", "binary"):
        sides = [_condition(side, depth - 1) for key in ("left", "right") if (side := part.part(key))]
        word = part.needed("comparison" if type_ == "compare" else "operator")
        return Condition(type_, word, parts=tuple(s for s in sides if s))
    word = next((part.text(key) for key in ("field", "value", "transform") if part.members.get(key) is not None), None)
    inner = part.part("operand")
    under = _condition(inner, depth - 1) if inner else None
    return Condition(type_, word, parts=(under,) if under else ())


def _partition(part: Part) -> Partition:
    dimensions = part.part("dimensions")
    named = {key: dimensions.text(key) or "" for key in dimensions.members} if dimensions else {}
    return Partition(part.text("identifier"), named)
