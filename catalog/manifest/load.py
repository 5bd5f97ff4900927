"""Reads what people declare: files and directories of YAML and JSON, all faults of all files at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from catalog.manifest.canonical import canonical
from catalog.manifest.consistent import inconsistencies
from catalog.manifest.credentials import EXPECTED, FOUND, credentials
from catalog.manifest.defaults import Defaults, read_defaults
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.manifest import FILE, Manifest
from catalog.manifest.files import files_under, pieces_of, read_pieces
from catalog.manifest.nodes import Fault, Piece
from catalog.manifest.problems import Document, Place, Problem
from catalog.manifest.references import WrongReference, key_of
from catalog.manifest.validating import MANIFEST, kind_problem, problems_of, what

__all__ = ["Document", "Loaded", "Place", "Problem", "load", "load_texts"]

Read = Callable[[str, list[Fault]], Iterator[Piece]]
"""Reads the documents of a file by its name."""
_ALL = Manifest.model_fields["include"].default


class Loaded(NamedTuple):
    """What was read.

    Attributes:
        manifest: the head (`headwater.yaml`), None where there is none.
        documents: the entities, sorted by key; complete only if there are no problems.
        problems: every fault of every file, sorted by place.
        files: how many files were read.
        empty: those of them that have no document, as `paths` spell them; files with a fault are none of these.
    """

    manifest: Manifest | None
    documents: list[Document]
    problems: list[Problem]
    files: int = 0
    empty: tuple[str, ...] = ()


def load(*paths: str | os.PathLike[str]) -> Loaded:
    """Read files and directories; never raises for what stands in them, nor for files that cannot be read.

    A directory with a `headwater.yaml` gives the files that it includes, another one all YAML and JSON files in it.
    Hidden files and folders are passed over. Places name files as `paths` spell them.
    """
    reading = _Reading(lambda file, faults: read_pieces(Path(file), faults))
    for path in map(Path, paths):
        reading.path(path)
    return reading.loaded()


def load_texts(texts: Mapping[str, str]) -> Loaded:
    """Read texts as the files of one directory, by their names; no file is opened, whatever they are called.

    One called `headwater.yaml` is their head; which files it includes means nothing here.
    """
    reading = _Reading(lambda name, faults: pieces_of(name, texts[name].encode("utf-8", "surrogatepass"), faults))
    reading.texts(texts)
    return reading.loaded()


class _Reading:
    """What was read so far."""

    def __init__(self, pieces: Read) -> None:
        self._pieces = pieces
        self._head: tuple[Manifest, Place] | None = None
        self._documents: list[Document] = []
        self._faulty: list[Document] = []
        self._problems: list[Problem] = []
        self._seen: dict[Path, None] = {}
        self._empty: list[str] = []

    def path(self, path: Path) -> None:
        """Read a file, or a directory."""
        head = path / FILE
        if path.is_dir():
            is_first = head.is_file() and self._once(head)
            manifest, defaults = self._heads(str(head)) if is_first else (None, Defaults())
            include, exclude = (manifest.include, manifest.exclude) if manifest else (_ALL, [])
            found = files_under(path, include, exclude)
            if not found:
                self._problems.append(Problem(str(path), 0, 0, "the directory has no YAML or JSON files to read"))
            for file in filter(self._once, found):
                self._file(str(file), defaults)
        elif path.exists():
            if self._once(path):
                self._file(str(path), Defaults())
        else:
            self._problems.append(Problem(str(path), 0, 0, "no such file or directory"))

    def texts(self, names: Mapping[str, str]) -> None:
        """Read texts, their head first."""
        self._seen.update((Path(name), None) for name in names)
        head = next((name for name in sorted(names) if Path(name).name == FILE), None)
        defaults = Defaults() if head is None else self._heads(head)[1]
        for name in sorted(names.keys() - {head}):
            self._file(name, defaults)

    def loaded(self) -> Loaded:
        """All of it, held together."""
        levels = self._head[0].classification_levels if self._head else []
        self._problems += inconsistencies(
            [*self._documents, *self._faulty], levels, lambda file: self._pieces(file, [])
        )
        documents = sorted(self._documents, key=lambda document: document.key)
        head, problems = self._head[0] if self._head else None, sorted(set(self._problems))
        return Loaded(head, documents, problems, len(self._seen), tuple(self._empty))

    def _once(self, path: Path) -> bool:
        """Whether a file was not read yet; from now on it was."""
        before = len(self._seen)
        self._seen[path.resolve()] = None
        return len(self._seen) > before

    def _heads(self, file: str) -> tuple[Manifest | None, Defaults]:
        """The head of a directory and its defaults; further documents in its file are read like others."""
        faults: list[Fault] = []
        manifest, defaults, rest = None, Defaults(), []
        for piece in self._pieces(file, faults):
            if isinstance(piece.value, dict) and piece.value.get("kind") == MANIFEST and manifest is None:
                manifest = self._manifest(piece, file)
                if manifest is not None:
                    defaults = read_defaults(manifest, piece, file, self._problems)
            else:
                rest.append(piece)
        self._problems += [fault.problem(file) for fault in faults]
        for piece in rest:
            self._document(piece, file, defaults)
        return manifest, defaults

    def _manifest(self, piece: Piece, file: str) -> Manifest | None:
        place = Place(file, *piece.place)
        if self._head is not None:
            message = f"a second head of a manifest; the first is at {self._head[1]}"
            self._problems.append(Problem(*place, message, "one manifest at a time"))
            return None
        try:
            manifest = Manifest.model_validate(piece.value)
        except ValidationError as error:
            self._problems += problems_of(error, MANIFEST, file, _finder(piece))
            return None
        self._head = manifest, place
        self._credentials(piece, file)
        return manifest

    def _file(self, file: str, defaults: Defaults) -> None:
        faults: list[Fault] = []
        pieces = 0
        for piece in self._pieces(file, faults):
            pieces += 1
            self._document(piece, file, defaults)
        if not pieces and not faults:
            self._empty.append(file)
        self._problems += [fault.problem(file) for fault in faults]

    def _document(self, piece: Piece, file: str, defaults: Defaults) -> None:
        value = piece.value
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind == MANIFEST:
            self._stray_head(piece, file)
            return
        if not isinstance(kind, str) or kind not in DOCUMENTS:
            self._problems.append(kind_problem(value, file, _finder(piece)))
            return
        self._credentials(piece, file)
        try:
            body = canonical(defaults.fill(value))
        except ValidationError as error:
            self._problems += problems_of(error, kind, file, _finder(piece))
            with suppress(WrongReference):
                self._faulty.append(Document(key_of(value), value, Place(file, *piece.place)))
            return
        self._documents.append(Document(key_of(body), body, Place(file, *piece.place)))

    def _credentials(self, piece: Piece, file: str) -> None:
        for path in credentials(piece.value):
            self._problems.append(Problem(file, *piece.find(path), f"{what(path)} {FOUND}", EXPECTED))

    def _stray_head(self, piece: Piece, file: str) -> None:
        if Path(file).name == FILE:
            self._manifest(piece, file)
        else:
            message = f"the head of a manifest stands in a file called {FILE}, at the top of its directory"
            self._problems.append(Problem(file, *piece.find(("kind",)), message))


def _finder(piece: Piece) -> Any:
    return lambda path, key: piece.find(path, key=key)
