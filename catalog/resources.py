"""Finds `schema/` and `deploy/example/` in a checkout and in an installed wheel.

The folders hold contracts and manifests, no Python, so they are not importable; the wheel ships them as
`catalog/_schema` and `catalog/_example`.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def schema_dir() -> Path:
    """The folder of contracts: graph migrations, GraphQL SDL, JSON Schemas."""
    packaged = _HERE / "_schema"
    return packaged if packaged.is_dir() else _HERE.parent / "schema"


def demo_dir() -> Path:
    """The recorded events shipped for `headwater demo`."""
    return _HERE / "demo"


def example_dir() -> Path:
    """The manifests that `headwater demo` applies."""
    packaged = _HERE / "_example"
    return packaged if packaged.is_dir() else _HERE.parent / "deploy" / "example"
