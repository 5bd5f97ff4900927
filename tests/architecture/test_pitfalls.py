"""docs/pitfalls.md and the tests of pitfalls say the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

COUNT = 24
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \| `(test_\w+)` \|$", re.MULTILINE)


def _tests(folder: Path) -> dict[str, str]:
    """The tests of a folder by name, each with the first line of its docstring."""
    parsed = [ast.parse(path.read_text("utf-8")) for path in sorted(folder.glob("test_*.py"))]
    functions = [node for tree in parsed for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = {f.name: (ast.get_docstring(f) or "").partition("\n")[0] for f in functions if f.name.startswith("test_")}
    assert len([f for f in functions if f.name.startswith("test_")]) == len(found)
    return found


def test_every_pitfall_is_a_row_and_a_test(root: Path) -> None:
    """All rows by number, each with upstream issues or a dash, what is done, and the test that has its title."""
    rows = ROW.findall((root / "docs" / "pitfalls.md").read_text("utf-8"))
    tests = _tests(root / "tests" / "store" / "pitfalls")

    assert [str(number) for number in range(1, COUNT + 1)] == [number for number, *_ in rows]
    assert tests == {name: f"{title}." for _, title, _, _, name in rows}
    assert all(name.startswith(f"test_{int(number):02}_") for number, _, _, _, name in rows)
    assert all(upstream == "–" or re.search(r"#\d", upstream) for _, _, upstream, _, _ in rows)
