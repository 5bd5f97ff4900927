"""The worked example of a small company, which the demo applies."""

from __future__ import annotations

from catalog.assets.keys import Kind
from catalog.manifest.load import load
from catalog.resources import example_dir


def test_the_example_is_without_fault_and_shows_every_kind() -> None:
    """Whoever copies from it copies something that is right, and finds each kind in it."""
    found = load(example_dir())

    assert [] == found.problems
    assert set(Kind) == {document.key.kind for document in found.documents}
