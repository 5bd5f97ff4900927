"""Tables of a query, matched to the datasets of its event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.identity import Name
from catalog.lineage.sql.scope import Path


class Datasets:
    """Datasets to match tables to, by the last parts of their names.

    A query says `orders`, `public.orders` or `shop.public.orders` for what an event calls `shop.public.orders`, or
    `/warehouse/orders` with a symlink `default.orders`. The more parts agree the better; exact spelling comes before
    any case; where two datasets fit alike, none is meant.

    Args:
        names: each dataset with all its names.
        otherwise: where to look for what fits none of these.
    """

    def __init__(self, names: Mapping[Name, Iterable[str]], otherwise: Datasets | None = None) -> None:
        self._otherwise = otherwise
        self._known = [(dataset, _parts(name)) for dataset, spelled in names.items() for name in spelled]

    def find(self, path: Path) -> Name | None:
        """The dataset a table is."""
        parts = tuple(part for piece in path for part in _parts(piece))
        fitting = self._fitting(parts, exact=True) or self._fitting(parts, exact=False)
        if not fitting:
            return self._otherwise.find(path) if self._otherwise else None
        return fitting.pop() if len(fitting) == 1 else None

    def _fitting(self, parts: Path, *, exact: bool) -> set[Name]:
        """The datasets whose names agree in most parts."""
        best: dict[int, set[Name]] = {}
        wanted = parts if exact else _lower(parts)
        for dataset, known in self._known:
            size = min(len(wanted), len(known))
            mine = known if exact else _lower(known)
            if size and wanted[-size:] == mine[-size:]:
                best.setdefault(size, set()).add(dataset)
        return best[max(best)] if best else set()


def _parts(name: str) -> Path:
    """The parts of a dotted name or of a path (`/warehouse/shop.db/orders`: shop, orders)."""
    return tuple(part for part in name.replace(".db/", "/").replace("/", ".").split(".") if part)


def _lower(parts: Path) -> Path:
    return tuple(part.lower() for part in parts)
