"""What holds of things and columns once tags have followed the lineage, as far as reports read it."""

from __future__ import annotations

from typing import Protocol

from catalog.checks.snapshot import Place


class Effective(Protocol):
    """What holds of a place, said or propagated."""

    @property
    def level(self) -> str | None:
        """The level of classification; None if nobody says any, here or upstream."""
        ...

    @property
    def tags(self) -> tuple[str, ...]:
        """Names of tags that hold, sorted."""
        ...


class Propagated(Protocol):
    """What holds of every place of a snapshot, as `checks.classification` computes it."""

    def of(self, place: Place) -> Effective:
        """What holds of a place; of one that nobody knows nothing."""
        ...
