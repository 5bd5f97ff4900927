"""How files look: short, documented, named for what they are about, and free of this machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

MOST_LINES = 400
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "core", "manager", "managers", "base"}
_MACHINE = re.compile(rb"(?<![\w.~-])/(?:work|root)/[\w.]|\.\./shared")

Named = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def test_no_file_is_too_long_to_read(root: Path, files: list[Path]) -> None:
    """A file written by hand has at most 400 lines; a longer one is two things."""
    by_hand = [path for path in files if path.suffix in {".py", ".cypher"} and not _recorded(path)]
    lines = {str(path): len((root / path).read_text("utf-8").splitlines()) for path in by_hand}

    assert lines
    assert {} == {path: count for path, count in lines.items() if count > MOST_LINES}


def test_every_public_name_has_a_docstring(root: Path, files: list[Path]) -> None:
    """Modules, public classes, functions and methods of both packages say what they are for."""
    ours = [path for path in files if path.parts[0] in {"catalog", "workers"} and path.suffix == ".py"]
    silent = {
        f"{path}:{getattr(node, 'lineno', 1)} {name}".rstrip()
        for path in ours
        for name, node in _public(ast.parse((root / path).read_text("utf-8"), str(path)))
        if not (ast.get_docstring(node) or "").strip()
    }

    assert ours
    assert set() == silent


def test_every_package_is_seen(files: list[Path]) -> None:
    """A folder of modules without `__init__.py` would escape the import contracts."""
    folders = {path.parent for path in files if path.parts[0] in {"catalog", "workers"} and path.suffix == ".py"}

    assert set() == {str(folder) for folder in folders if folder / "__init__.py" not in files}


def test_names_say_what_is_inside(files: list[Path]) -> None:
    """No folder and no module is called utils, helpers, common, core, manager or base."""
    chosen = [path for path in files if not _recorded(path)]
    folders = {folder for path in chosen for folder in path.parents}
    modules = {path for path in chosen if path.suffix == ".py"}

    assert modules
    assert set() == {str(path) for path in folders | modules if path.stem.strip("_").lower() in EMPTY_NAMES}


def test_nothing_names_this_machine(root: Path, files: list[Path]) -> None:
    """No file, recorded inputs included, mentions a path that exists on one machine alone."""
    places = {
        f"{path}:{number}"
        for path in files
        for number, line in enumerate((root / path).read_bytes().splitlines(), 1)
        if _MACHINE.search(line)
    }

    assert set() == places


def _recorded(path: Path) -> bool:
    """Inputs taken from elsewhere, in the folders of the corpus: kept as they were found."""
    return path.is_relative_to("tests/corpus") and len(path.parts) > 3


def _public(module: ast.Module) -> Iterator[tuple[str, Named]]:
    """The module and each public name in it; nothing inside a private name or a function body is public."""
    yield "", module
    yield from _members(module, "")


def _members(parent: Named, prefix: str) -> Iterator[tuple[str, Named]]:
    for node in _statements(parent.body):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            yield from _members(node, f"{prefix}{node.name}.")
        elif not any(_repeats(decorator) for decorator in node.decorator_list):
            yield prefix + node.name, node


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, those under `if` and `try` too: a name defined there is as public."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            handlers = [statement for handler in getattr(node, "handlers", []) for statement in handler.body]
            yield from _statements([*node.body, *node.orelse, *handlers])


def _repeats(decorator: ast.expr) -> bool:
    """An overload or a setter: the documentation stands at the name's main definition."""
    return ast.unparse(decorator).rpartition(".")[2] in {"overload", "setter", "deleter"}
