"""What a manifest says of itself, as a client sends it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import InvalidManifest
from catalog.manifest.heading import read_heading


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (["description"], "heading: this is no object"),
        ({"maxRemovedShare": 5}, "heading.maxRemovedShare: 5 is out of range; expected at most 1"),
        ({"description": 3}, "heading.description: 3 cannot be `description`; expected a text"),
        (
            {"defaults": {}},
            "heading.defaults: no such member; expected one of description, maxRemovedShare, classificationLevels",
        ),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_files(sent: Any, told: str) -> None:
    """Over HTTP and GraphQL a heading is refused with the sentence that its file would get."""
    with pytest.raises(InvalidManifest) as refused:
        read_heading(sent)

    assert told == str(refused.value)


def test_what_holds_anyway_is_not_said() -> None:
    """A default that is spelled out changes nothing, so that a plan stays empty."""
    assert {"description": "Ours."} == read_heading({"description": "Ours.", "maxRemovedShare": 0.2})
