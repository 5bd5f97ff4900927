"""Whether an input of a job feeds one of its outputs, by the best that is known.

What the lineage facet says comes before what the column lineage shows, and that before the product of all inputs with
all outputs. Ids stand for things here, and a thing may have several: all of its names are given.

Source: openlineage.md, section 5 (precedence).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from typing import NamedTuple

from catalog.lineage.assertions import Basis

_FACET = (Basis.EXPLICIT, Basis.DANGLING)


class Made(NamedTuple):
    """What one origin says made an output: ids that feed it, and ids that do not (see `assertions.Sources`)."""

    basis: Basis
    given: frozenset[str]
    excluded: frozenset[str] = frozenset()


def basis_of(made: Iterable[Made], names: Set[str]) -> Basis | None:
    """By what an input of these names feeds an output of which this is said; None: it does not."""
    told = list(made)
    explicit = [m for m in told if m.basis in _FACET]
    if any(not m.given.isdisjoint(names) for m in explicit or told):
        return Basis.EXPLICIT if explicit else Basis.COLUMN
    if explicit or any(not m.excluded.isdisjoint(names) for m in told):
        return None
    return Basis.PRODUCT


def feeds_any(made: Collection[Made], inputs: Collection[Set[str]]) -> bool:
    """Whether any of these inputs, each by its names, feeds the output."""
    return not made or any(basis_of(made, names) for names in inputs)


def is_open(made: Collection[Made], id_: str) -> bool:
    """Whether another name of this input could decide otherwise than this one alone."""
    explicit = [m for m in made if m.basis in _FACET]
    told = explicit or [m for m in made if m.excluded]
    return any(m.given or m.excluded for m in told) and all(id_ not in m.given for m in told)
