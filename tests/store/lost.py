"""Stores that lose the answer to a commit, or refuse one: what a network and a crowd do to each write of the service.

"Lost": all was written, and its writer hears that the store is away, as when a connection ends during a commit. The
driver never runs such a transaction again, since it cannot know; whoever asked for it may.
"Refused": the store wanted none of it, and the driver runs the body again, as after a conflict of two writers.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from neo4j.exceptions import ServiceUnavailable

import catalog
from catalog.errors import StoreUnavailable
from catalog.graph.store import Store, Tx

T = TypeVar("T")

SOURCES = Path(catalog.__file__).parent
STORES = frozenset({"store", "_store", "target", "fresh", "live"})
"""What a store is called where it is written to."""
_STORE = SOURCES / "graph" / "store.py"


def writers() -> set[str]:
    """Every function of the service that writes in a transaction: `module.function`."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        if path == _STORE:
            continue
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef) and any(map(_is_write, ast.walk(function))):
                found.add(f"{module}.{function.name}")
    return found


def _is_write(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    on = node.func.value
    name = on.id if isinstance(on, ast.Name) else on.attr if isinstance(on, ast.Attribute) else ""
    return node.func.attr in ("write", "define") and name in STORES


class Answers:
    """Stands before stores' one way to write.

    Args:
        lost: the answer to this write of all (from 1) is lost; 0 for none.
        refused: every body is run twice.
    """

    def __init__(self, *, lost: int = 0, refused: bool = False) -> None:
        self.writers: list[str] = []
        self._lost = lost
        self._refused = refused

    @contextmanager
    def of(self, *stores: Store) -> Iterator[None]:
        """While the block lasts."""
        with pytest.MonkeyPatch.context() as patch:
            for store in stores:
                patch.setattr(store, "write", self._faulty(store.write))
                if self._refused:
                    patch.setattr(store, "read", self._faulty(store.read, counted=False))
            yield

    def _faulty(self, through: Callable[..., T], *, counted: bool = True) -> Callable[..., T]:
        def transact(work: Callable[[Tx], T]) -> T:
            if counted:
                self.writers.append(_writer())
            found = through(_refused_once(work) if self._refused else work)
            if counted and len(self.writers) == self._lost:
                raise StoreUnavailable("the test lost the answer")
            return found

        return transact


def _refused_once(work: Callable[[Tx], T]) -> Callable[[Tx], T]:
    tried: list[T] = []

    def body(tx: Tx) -> T:
        found = work(tx)
        if not tried:
            tried.append(found)
            raise ServiceUnavailable("the test refused it")
        return found

    return body


def _writer() -> str:
    """The function of the service that writes."""
    frame = sys._getframe(1)
    while frame.f_back:
        path = Path(frame.f_code.co_filename)
        of_service = path.is_relative_to(SOURCES) and path != _STORE
        if of_service and not frame.f_code.co_name.startswith("<"):  # a comprehension is part of its function
            return ".".join((*path.relative_to(SOURCES).with_suffix("").parts, frame.f_code.co_name))
        frame = frame.f_back
    return ""
