"""Headwater: a declarative metadata and lineage catalog.

See `README.md` for what it does and `catalog/usecases/` for the list of everything it can do.
"""

from __future__ import annotations

__version__ = "0.1.0"
