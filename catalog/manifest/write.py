"""Documents as YAML that people keep in a repository: one file for each kind, and for each namespace of a kind.

Reading what was written gives the same canonical documents: texts are quoted wherever a reader could take them for
something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.identity import digest
from catalog.manifest.changes import Document
from catalog.manifest.documents.manifest import FILE
from catalog.manifest.documents.shape import Plain, resolve

LONGEST_SLUG = 60
_UNSAFE = re.compile(r"[^a-z0-9]+")


class _Dumper(yaml.CSafeDumper):
    """Without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif not isinstance(resolve(Plain(text)), str):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def files(
    manifest: str,
    documents: Mapping[Key, Document],
    *,
    heading: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    schemas: str = "",
) -> dict[str, str]:
    """The files of a manifest's directory: path -> text, `headwater.yaml` among them.

    Args:
        heading: what the manifest says of itself (`manifest.heading`).
        notes: lines of comment at the head of each file.
        schemas: where the JSON Schemas of the kinds are, for editors; a line names them in each file.
    """
    head = {"kind": "Manifest", "name": manifest, **(heading or {})}
    written = {FILE: _file([head], notes, _schema(schemas, "Manifest"))}
    for path, keys in sorted(_paths(documents).items()):
        kind = keys[0].kind
        written[path] = _file([documents[key] for key in keys], notes, _schema(schemas, kind))
    return written


def _paths(documents: Mapping[Key, Document]) -> dict[str, list[Key]]:
    """Which file each document goes to; documents in it are sorted by key."""
    groups: dict[tuple[Kind, str], list[Key]] = {}
    for key in sorted(documents):
        groups.setdefault((key.kind, key.namespace), []).append(key)
    found: dict[str, list[Key]] = {}
    for (kind, namespace), keys in groups.items():
        folder = _folder(kind)
        path = f"{folder}.yaml" if kind not in NAMESPACED else f"{folder}/{slug(namespace)}.yaml"
        if path in found:  # two namespaces that differ in their punctuation only
            path = f"{folder}/{slug(namespace)}-{digest(namespace)[:8]}.yaml"
        found[path] = keys
    return found


def slug(text: str) -> str:
    """A text as a file name: lower case letters and digits, others as hyphens."""
    short = _UNSAFE.sub("-", text.lower()).strip("-")
    if len(short) > LONGEST_SLUG:
        return f"{short[:LONGEST_SLUG].rstrip('-')}-{digest(text)[:8]}"
    return short or digest(text)[:8]


def _folder(kind: Kind) -> str:
    """`model-versions` for ModelVersion."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.value).lower()
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _schema(schemas: str, kind: str) -> list[str]:
    return [f"yaml-language-server: $schema={schemas.rstrip('/')}/{kind}.json"] if schemas else []


def _file(documents: Sequence[Document], notes: Sequence[str], schema: Sequence[str]) -> str:
    lines = [f"# {line}".rstrip() for line in (*schema, *notes)]
    body = yaml.dump_all(
        [dict(document) for document in documents],
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        explicit_start=len(documents) > 1,
    )
    return "\n".join([*lines, body]) if lines else str(body)
