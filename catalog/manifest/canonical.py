"""Documents in the one form that is stored: equal meaning gives equal JSON.

What is only a default is left out, references are spelled in full, sets are sorted, moments are in UTC.
"""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Kind
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.blocks import Entity
from catalog.manifest.references import WrongReference

Body = dict[str, Any]


def read(body: Body) -> Entity:
    """A document out of JSON; its kind says which.

    Raises:
        WrongReference: the kind is unknown.
        pydantic.ValidationError: it is no such document; `validating.problems_of` puts that into words.
    """
    kind = body.get("kind")
    try:
        model = DOCUMENTS[Kind(str(kind))]
    except ValueError:
        raise WrongReference(f"{str(kind)[:80]!r} is no kind of entity", ", ".join(DOCUMENTS)) from None
    return model.model_validate(body)


def canonical(document: Entity | Body) -> Body:
    """The one JSON form of a document; of JSON it is read first, so the same is raised as by `read`."""
    entity = document if isinstance(document, Entity) else read(document)
    body = entity.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    body.pop("$schema", None)
    first = [name for name in _IDENTITY if name in body]
    return {
        name: lean
        for name in (*first, *(name for name in body if name not in first))
        if (lean := _lean(name, body[name])) != {}
    }


def _lean(name: str, value: Any) -> Any:
    """A block without blocks that say nothing."""
    if isinstance(value, dict) and name in _BLOCKS:
        return {key: part for key, part in value.items() if part != {}}
    return value


_IDENTITY = ("kind", "namespace", "registry", "environment", "model", "version", "name")
_BLOCKS = frozenset(
    {"personalData", "location", "retention", "quality", "protection", "datasheet", "dpia", "schedule", "technicalFile"}
)
