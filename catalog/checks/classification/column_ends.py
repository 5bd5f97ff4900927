"""Column lineage by numbers: of many edges each end, and how the transformation was told, is looked up once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import compress, count
from operator import itemgetter
from typing import Any

from catalog.checks.snapshot import ColumnEdge, Place


class ColumnEnds:
    """The column lineage of a snapshot.

    Attributes:
        places: all that it names, each once.
        sources, targets: by edge the place in `places`.
        forms: by edge what was told of the transformation, as a place in `told`.
        told: an edge for each form, between no places.
    """

    def __init__(self, edges: Sequence[ColumnEdge]) -> None:
        number: dict[Place, int] = defaultdict(count().__next__)
        form: dict[tuple[Any, ...], int] = defaultdict(count().__next__)
        self.sources = list(map(number.__getitem__, map(itemgetter(0), edges)))
        self.targets = list(map(number.__getitem__, map(itemgetter(1), edges)))
        self.forms = list(map(form.__getitem__, map(itemgetter(3, 4, 5, 6), edges)))
        self.places = list(number)
        nowhere = Place("")
        self.told = [ColumnEdge(nowhere, nowhere, "", *one) for one in form]

    def only(self, kept: Iterable[bool]) -> ColumnEnds:
        """The same for some of the edges; the places stay."""
        found, kept = copy(self), list(kept)
        found.sources = list(compress(self.sources, kept))
        found.targets = list(compress(self.targets, kept))
        found.forms = list(compress(self.forms, kept))
        return found
