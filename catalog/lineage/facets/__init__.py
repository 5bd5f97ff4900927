"""Facets: where each lives, and readers that make a known one a typed value.

A reader never fails: what it cannot use is left out with a complaint, and the facet itself is kept whole beside the
typed value. `known` has the table of them all; `places` says which facets are shared, and which belong to a run.
"""

from catalog.lineage.facets.places import ATTEMPT_BOUND, RAW_ONLY, RUN_BOUND, TYPED, bare, is_tombstone
from catalog.lineage.facets.schema import read_schema

__all__ = ["ATTEMPT_BOUND", "RAW_ONLY", "RUN_BOUND", "TYPED", "bare", "is_tombstone", "read_schema"]
