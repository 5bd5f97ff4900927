"""What is generated from the code is committed, and says what the code says."""

from __future__ import annotations

from catalog.docs import ROOT, generated


def test_generated_files_are_current() -> None:
    """SDL, settings table, command reference and metrics page equal what `make docs` would write now."""
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generated().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]

    assert [] == stale, "run `make docs`"
