"""Documents as clients send them: JSON, or the texts of files; each is read again here, since a client's word is no
check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from catalog.assets.keys import Key
from catalog.errors import InvalidManifest, InvalidQuestion
from catalog.lineage.canonical import canonical as spelled
from catalog.manifest.canonical import canonical
from catalog.manifest.changes import Document
from catalog.manifest.credentials import EXPECTED, FOUND, credentials
from catalog.manifest.load import Loaded, load_texts
from catalog.manifest.parents import circles
from catalog.manifest.references import WrongReference, key_of
from catalog.manifest.validating import told_of

MAX_TEXT = 4_000_000
"""Characters of all texts of files that are sent at once; the command line reads files itself, and sends JSON."""
MAX_FILES = 1_000
DEFAULT_NAME = "manifest.yaml"
"""What a text without a name is called where something is wrong with it."""
MAX_NAME = 500
"""Characters of a name of a manifest, or of a file."""


def read_files(files: Sequence[Any]) -> Loaded:
    """The documents of `{name, text}` objects, YAML or, by the end of the name, JSON.

    Raises:
        InvalidQuestion: they are none, too many or too long, or two have one name.
        InvalidManifest: something is wrong with what stands in them; each problem says file:line:column.
    """
    texts: dict[str, str] = {}
    for i, file in enumerate(files):
        name = file.get("name") or DEFAULT_NAME if isinstance(file, dict) else None
        text = file.get("text") if isinstance(file, dict) else None
        if not isinstance(name, str) or not isinstance(text, str):
            raise InvalidQuestion(f"`files[{i}]` must be an object of a `text` and, if there are several, a `name`")
        if len(name) > MAX_NAME or not name.isprintable():
            raise InvalidQuestion(f"`files[{i}].name` must have at most {MAX_NAME} characters that can be seen")
        if name in texts:
            raise InvalidQuestion(f"`files[{i}].name`: {name!r} is the name of another one, too")
        texts[name] = text
    if len(texts) > MAX_FILES or sum(map(len, texts.values())) > MAX_TEXT:
        raise InvalidQuestion(
            f"`files` may be at most {MAX_FILES:,}, with {MAX_TEXT:,} characters together; send JSON `documents`, as "
            "`headwater plan` does of files of any size"
        )
    loaded = load_texts(texts)
    if loaded.problems:
        raise InvalidManifest([str(problem) for problem in loaded.problems])
    return loaded


def read_documents(bodies: Iterable[Any], known: Mapping[Key, Document] | None = None) -> dict[Key, Document]:
    """The canonical documents by key, as they will be stored.

    Args:
        known: documents that were read once; one that is the same, byte for byte, is not read again.

    Raises:
        InvalidManifest: some cannot be read or hold credentials, two say what one thing is, or parents go in a circle;
            it has all of these.
    """
    found: dict[Key, Document] = {}
    places: dict[Key, int] = {}
    problems: list[str] = []
    for i, body in enumerate(bodies):
        if not isinstance(body, dict):
            problems.append(f"documents[{i}]: this is no object")
            continue
        try:
            document = _known(body, known or {}) or canonical(_lean(body))
            key = key_of(document)
            problems += [f"documents[{i}]{_path(path)} {FOUND}; expected {EXPECTED}" for path in credentials(document)]
        except ValidationError as e:
            problems += [f"documents[{i}]{_path(path)}: {words}" for path, words in told_of(e, str(body["kind"]))]
        except WrongReference as e:
            problems.append(f"documents[{i}]: {e}" + (f"; expected {e.expected}" if e.expected else ""))
        else:
            if key in found:
                problems.append(f"documents[{i}]: {key} is documents[{places[key]}], too; say it once")
            found[key], places[key] = document, i
    problems += [f"documents[{places[key]}].parent: {message}" for key, message in circles(found)]
    if problems:
        raise InvalidManifest(problems)
    return found


def _lean(body: Any) -> Any:
    """Without members that are null: they say nothing, as in files."""
    return _without_nulls(body) if b"null" in spelled(body) else body


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def _known(body: dict[str, Any], known: Mapping[Key, Document]) -> Document | None:
    try:
        before = known.get(key_of(body))
    except WrongReference:
        return None
    return before if before is not None and spelled(before) == spelled(body) else None


def _path(parts: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
