"""The search for circular garbage pauses while something large is made, and only then."""

from __future__ import annotations

import gc

import pytest

from catalog.heap import growing


def test_the_search_goes_on_after_the_last_who_makes_something() -> None:
    """One inside another, and one that fails, leave it as it was."""
    before = gc.isenabled()
    with growing():
        with pytest.raises(ValueError, match="no"), growing():
            raise ValueError("no")
        inside = gc.isenabled()

    assert (False, before) == (inside, gc.isenabled())


def test_whoever_has_it_off_keeps_it_off() -> None:
    """A process that does without it does so afterwards, too."""
    before = gc.isenabled()
    gc.disable()
    try:
        with growing():
            pass
        assert not gc.isenabled()
    finally:
        if before:
            gc.enable()
