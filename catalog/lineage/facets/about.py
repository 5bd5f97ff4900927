"""What people say about a job, dataset or run: documentation, owners, tags."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.facets.part import Part


class Documentation(NamedTuple):
    """A description; `content_type` is a media type such as `text/markdown` (spec 1-1-0)."""

    description: str
    content_type: str | None


class Owner(NamedTuple):
    """Who answers for it; the spec advises a URN such as `team:data` (spec 1-0-1)."""

    name: str
    type: str | None


class Tag(NamedTuple):
    """A label; `field` names the column it is about, `source` who gave it, such as `USER` or `DBT` (spec 1-0-0)."""

    key: str
    value: str | None
    source: str | None
    field: str | None


def documentation(part: Part) -> Documentation | None:
    """`documentation`."""
    description = part.needed("description")
    return Documentation(description, part.text("contentType")) if description else None


def owners(part: Part) -> tuple[Owner, ...]:
    """`ownership`."""
    return part.parts("owners", _owner)


def _owner(part: Part) -> Owner | None:
    name = part.needed("name")
    return Owner(name, part.text("type")) if name else None


def tags(part: Part) -> tuple[Tag, ...]:
    """`tags` of a job, run or dataset."""
    return part.parts("tags", _tag)


def _tag(part: Part) -> Tag | None:
    key = part.needed("key")
    return Tag(key, part.text("value"), part.text("source"), part.text("field")) if key else None
