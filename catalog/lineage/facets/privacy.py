"""What producers say of personal data: what for, on which basis, whose, where, how long.

OpenLineage has no facet for it. Ours is `headwater_processing`, of a job. Programs that use the art30-emit convention
spell less of it in `processing`, and tell of a dataset by tags of four keys; both are read as they come.
Source: art30-emit 0.1.0; GDPR Art. 6(1), 9(2), 30(1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.lineage.assertions import Json
from catalog.lineage.facets.about import Tag
from catalog.lineage.facets.part import Part

PROCESSING, CONVENTION = "headwater_processing", "processing"
BASES = ("consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests")
"""GDPR Art. 6(1)(a)-(f)."""
CONDITIONS = (
    *("explicit_consent", "employment", "vital_interests", "foundation", "made_public", "legal_claims"),
    *("public_interest", "health_care", "public_health", "research"),
)
"""GDPR Art. 9(2)(a)-(j)."""
CATEGORY, SUBJECT, RESIDENCY, RETENTION = "data_category", "subject_type", "residency", "retention"
NONE = "none"
"""The value of a tag that states that there is none."""
_EEA, _UK = frozenset({"EU", "EEA"}), frozenset({"UK", "GB"})
_COUNTRY = re.compile(r"[A-Z]{2}")
_SPAN = re.compile(r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?")


class Processing(NamedTuple):
    """What a job does with personal data, as its producer says; None: it does not say, (): it says that there is none.

    Attributes:
        purposes: what for (GDPR Art. 5(1)(b)).
        legal_basis: one of `BASES`.
        article9_condition: one of `CONDITIONS`, for special categories.
    """

    purposes: tuple[str, ...] | None
    legal_basis: str | None
    article9_condition: str | None
    categories: tuple[str, ...] | None
    subjects: tuple[str, ...] | None
    special_categories: tuple[str, ...] | None

    def block(self) -> dict[str, Json]:
        """The same as the block `personalData` of a document."""
        told = {
            "purposes": self.purposes,
            "legalBasis": self.legal_basis,
            "article9Condition": self.article9_condition,
            "categories": self.categories,
            "subjects": self.subjects,
            "specialCategories": self.special_categories,
        }
        return {key: list(v) if isinstance(v, tuple) else v for key, v in told.items() if v is not None}


def processing(part: Part) -> Processing | None:
    """`headwater_processing`."""
    found = Processing(
        _several(part, "purposes"),
        _one_of(part, "legalBasis", BASES),
        _one_of(part, "article9Condition", CONDITIONS),
        _several(part, "categories"),
        _several(part, "subjects"),
        _several(part, "specialCategories"),
    )
    if found.block():
        return found
    part.complain("purposes", "neither they nor anything else is said")
    return None


def convention(part: Part) -> Processing | None:
    """`processing` as art30-emit spells it; under that name others say other things, of which nothing is said."""
    if not part.members.keys() & {"purpose", "legal_basis"}:
        return None
    purpose = part.text("purpose")
    purposes = (purpose,) if purpose else None
    return Processing(purposes, _one_of(part, "legal_basis", BASES), None, None, None, None)


def _several(part: Part, key: str) -> tuple[str, ...] | None:
    """The texts of an array; only an array that is empty states that there are none."""
    found = tuple(sorted({text for text in part.texts(key) if text}))
    return found if found or part.members.get(key) == [] else None


def _one_of(part: Part, key: str, known: tuple[str, ...]) -> str | None:
    text = part.text(key)
    if not text:
        return None
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    found = next((one for one in (word, f"{word}s") if one in known), None)
    if found is None:
        part.complain(key, f"{text[:80]!r} is none of {', '.join(known)}, left out")
    return found


def told_by_tags(tags: Iterable[Tag]) -> dict[str, Mapping[str, Json]]:
    """The blocks of a document that tags of the convention say of one thing: `personalData`, `location`, `retention`.

    Of several tags that say where, or how long, the first by its value counts. A span that is no ISO-8601 duration
    says nothing here; the tag itself stays a tag.
    """
    said: dict[str, set[str]] = {}
    for tag in tags:
        if tag.value and tag.value.strip():
            said.setdefault(tag.key.lower(), set()).add(tag.value.strip())
    spans = sorted(span for span in said.get(RETENTION, ()) if _SPAN.fullmatch(span))
    found: dict[str, Mapping[str, Json]] = {}
    people = (("categories", CATEGORY), ("subjects", SUBJECT))
    if personal := {member: _but_none(said[key]) for member, key in people if key in said}:
        found["personalData"] = personal
    if places := sorted(said.get(RESIDENCY, ())):
        found["location"] = _place(places[0])
    if spans:
        found["retention"] = {"duration": spans[0]}
    return found


def _but_none(words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if word.lower() != NONE)


def _place(told: str) -> dict[str, Json]:
    code = told.upper()
    if code in _EEA:
        return {"jurisdiction": "EEA"}
    if code in _UK:
        return {"country": "GB"}
    return {"country": code} if _COUNTRY.fullmatch(code) else {"region": told}
