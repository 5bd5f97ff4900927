"""The documented example of each kind: it loads, it fits its JSON Schema, and it means what its page says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from catalog.api.schemas import served
from catalog.assets.keys import Kind
from catalog.manifest.canonical import canonical
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.shape import resolve
from catalog.manifest.files import read_pieces
from catalog.manifest.load import load
from catalog.manifest.schemas import ANY, MODELS, schemas

EXAMPLES = Path(__file__).parents[2] / "docs" / "manifests" / "examples"
SCHEMAS = schemas()
REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{name}.json", Resource.from_contents(body)) for name, body in SCHEMAS.items()
)


def as_editors_read(path: Path) -> list[Any]:
    """The documents of a file as YAML 1.2 gives them to any program."""
    return [resolve(piece.value) for piece in read_pieces(path, [])]


def faults(schema: str, document: Any) -> list[str]:
    validator = Draft202012Validator({"$ref": f"{schema}.json"}, registry=REGISTRY)
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(document)]


def test_the_examples_are_a_manifest_of_every_kind() -> None:
    """All load without a problem, and no kind is without one."""
    loaded = load(EXAMPLES)

    assert [] == loaded.problems
    assert loaded.manifest is not None
    assert set(Kind) == {document.key.kind for document in loaded.documents}
    assert {*map(str, Kind), "headwater"} == {path.stem for path in EXAMPLES.glob("*.yaml")}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_fits_its_schema(path: Path) -> None:
    """What loads, an editor does not mark: under the kind's own schema, and under that of all kinds."""
    name = "Manifest" if path.stem == "headwater" else path.stem

    for document in as_editors_read(path):
        assert [] == faults(name, document)
        assert [] == faults(ANY, document)
        assert faults(name, {**document, "owmers": []})
        assert faults(ANY, {**document, "owmers": []})


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one(name: str) -> None:
    """Each is a JSON Schema of its draft, and is served as it is."""
    Draft202012Validator.check_schema(SCHEMAS[name])

    assert SCHEMAS[name] == json.loads(served()[f"manifest/v1/{name}.json"])


def test_every_field_says_what_it_means() -> None:
    """A schema without a description is half a schema: no field of no object is without words."""
    silent = {
        f"{name} {place} {field}"
        for name in MODELS
        for place, body in {"": SCHEMAS[name], **SCHEMAS[name].get("$defs", {})}.items()
        for field, said in body.get("properties", {}).items()
        if not said.get("description")
    }

    assert set() == silent


def test_canonical_documents_are_their_own_canonical_form() -> None:
    """Reading what was written changes nothing, so a second plan is empty."""
    documents = load(EXAMPLES).documents

    assert [document.body for document in documents] == [canonical(document.body) for document in documents]


def test_canonical_documents_fit_their_schemas() -> None:
    """What is stored and exported is what editors accept."""
    assert [] == [fault for d in load(EXAMPLES).documents for fault in faults(str(d.key.kind), d.body)]


def test_every_kind_carries_every_block() -> None:
    """Responsibility, classification, place, personal data, retention and quality are possible on all kinds.

    Source: compliance requirements, fields every entity carries.
    """
    blocks = {
        **{"description": "x", "owners": ["team:a"], "steward": "person:b", "domain": "domain:c", "tier": 1},
        **{"critical": True, "lifecycle": "production", "classification": "internal", "tags": ["tag:d"]},
        **{"terms": ["term:e"], "location": {"country": "DE"}, "personalData": {"contains": False}},
        **{"retention": {"duration": "P1D"}, "quality": {"freshness": "PT1H"}, "protection": {"audited": True}},
        **{"links": [{"name": "f", "url": "https://example.com"}], "custom": {"g": 1}},
    }
    first = {document.key.kind: document.body for document in load(EXAMPLES).documents}

    for kind in DOCUMENTS:
        assert blocks.items() <= canonical({**first[kind], **blocks}).items()
