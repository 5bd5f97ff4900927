"""Airflow: owners that its own masker hid.

Airflow writes `***` wherever the password of any connection occurs, in whatever text (apache/airflow #15599). Where
that password is `airflow`, the default owner of every task is `***`: nobody's name, and one that all of them share. The
facet stays as it was sent. Its DAG runs without START, and the ids it uses again, are met in `runs`.
"""

from __future__ import annotations

from catalog.lineage.scrub import MASK


def is_masked(owner: str) -> bool:
    """Whether an owner's name is only what a masker wrote."""
    return owner == MASK
