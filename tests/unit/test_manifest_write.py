"""Documents written as YAML and read again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.manifest.load import load
from catalog.manifest.references import key_of
from catalog.manifest.sent import read_documents
from catalog.manifest.write import files, slug

TRICKY = [
    "no",
    "1e5",
    "null",
    "~",
    "0o17",
    "1:30",
    "2026-03-01",
    "- a",
    "a: b",
    "#",
    "|",
    "'",
    '"',
    "a\n  b\n",
    "é",
    "=",
    "!x",
    "&a",
    "*a",
    "%",
]
TEXTS = st.sampled_from(TRICKY) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1, max_size=12
)
NAMES = TEXTS.map(str.strip).filter(lambda text: text and text.isprintable())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.fixed_dictionaries(
    {"kind": st.just("Dataset"), "namespace": NAMES, "name": NAMES},
    optional={
        "description": TEXTS.filter(str.strip),
        "custom": st.dictionaries(NAMES, VALUES, min_size=1, max_size=3),
        "fields": st.lists(NAMES, min_size=1, max_size=3, unique=True).map(lambda names: [{"name": n} for n in names]),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(DOCUMENTS, max_size=4))
def test_what_is_written_is_read_again(bodies: list[dict[str, Any]]) -> None:
    """Any texts, whatever YAML would take them for: the same canonical documents, and no problems."""
    documents = read_documents({str(key_of(body)): body for body in bodies}.values())
    with TemporaryDirectory() as folder:
        for path, text in files("shop", documents, notes=["a note"], schemas="http://x/schema").items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        found = load(folder)

    assert [] == found.problems
    assert documents == {document.key: document.body for document in found.documents}
    assert found.manifest is not None and "shop" == found.manifest.name


def test_file_names_are_harmless() -> None:
    """Whatever a namespace is called, its file has a plain name of bounded length, and its own."""
    slugs = [slug(text) for text in ("postgres://db:5432", "../../etc", "x" * 500, "x" * 499, "ö", "", "CON")]

    assert ["postgres-db-5432", "etc"] == slugs[:2]
    assert len(set(slugs)) == len(slugs)
    assert all(len(one) <= 70 and set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for one in slugs)
