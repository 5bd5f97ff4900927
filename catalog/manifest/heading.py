"""What a manifest says of itself as a whole, and `headwater export` writes back into its head.

Its name is what it is known by; which files belong to it, and the defaults that its documents have taken in, are a
matter of its repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from catalog.errors import InvalidManifest
from catalog.manifest.credentials import EXPECTED, FOUND, credentials
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.validating import MANIFEST, told_of

MEMBERS = ("description", "maxRemovedShare", "classificationLevels")
Heading = Mapping[str, Any]
"""Those members that differ from what holds without them."""
_SAYS_NOTHING = Manifest(kind="Manifest", name="-").model_dump(by_alias=True)


def heading_of(head: Manifest) -> Heading:
    """The heading of a manifest's head."""
    told = head.model_dump(mode="json", by_alias=True)
    return {name: told[name] for name in MEMBERS if told[name] != _SAYS_NOTHING[name]}


def read_heading(sent: Any) -> Heading:
    """A heading as a client sent it.

    Raises:
        InvalidManifest: it is none; the text has all that is wrong with it.
    """
    if not isinstance(sent, dict):
        raise InvalidManifest(["heading: this is no object"])
    known = ", ".join(MEMBERS)
    problems = [f"heading.{name}: no such member; expected one of {known}" for name in sent if name not in MEMBERS]
    said = {name: value for name, value in sent.items() if name in MEMBERS and value is not None}
    try:
        head: Manifest | None = Manifest.model_validate({"kind": "Manifest", "name": "-", **said})
    except ValidationError as error:
        problems += [f"heading.{'.'.join(map(str, path))}: {words}" for path, words in told_of(error, MANIFEST)]
        head = None
    problems += [f"heading.{'.'.join(map(str, path))} {FOUND}; expected {EXPECTED}" for path in credentials(said)]
    if problems or head is None:
        raise InvalidManifest(problems)
    return heading_of(head)
