"""Which identifiers of 45 CFR 164.514(b)(2)(i)(A)-(R) a column may hold: by its tags, and by its name and type."""

from __future__ import annotations

import re
from collections.abc import Collection

from catalog.checks.classification.categories import PII, category_tag

_BY_TAG = {
    **{"name": "A", "address": "B", "location": "B", "birth_date": "C", "phone": "D", "email": "F"},
    **{"government_id": "G", "financial": "J", "online_id": "N", "biometric": "P", "image": "Q"},
}
"""Letters by category of personal data."""
_HARMLESS = frozenset({"health", "gender", "ethnicity", "religion", "employment", "family", "politics", "union"})
"""Categories that identify nobody by themselves; `sexuality`, `genetic` and the others count as (R)."""
_BY_WORDS: tuple[tuple[str, tuple[frozenset[str], ...]], ...] = (
    ("B", (frozenset({"zip", "zipcode", "postal", "postcode", "postalcode", "city", "town", "county", "geocode"}),)),
    ("E", (frozenset({"fax"}),)),
    ("H", (frozenset({"mrn", "chart"}), frozenset({"mrn", "number", "no", "id", "nr"}))),
    ("H", (frozenset({"record"}), frozenset({"medical", "patient"}))),
    ("I", (frozenset({"member", "beneficiary", "subscriber", "policy"}), frozenset({"id", "number", "no", "nr"}))),
    ("K", (frozenset({"license", "licence", "certificate"}), frozenset({"id", "number", "no", "nr", "plate"}))),
    ("L", (frozenset({"vin", "vehicle", "plate"}), frozenset({"vin", "id", "number", "plate", "serial"}))),
    ("M", (frozenset({"device", "imei", "udi"}), frozenset({"id", "serial", "imei", "udi", "number"}))),
    ("N", (frozenset({"url", "website", "homepage"}),)),
    ("O", (frozenset({"ip", "ipv4", "ipv6"}), frozenset({"ip", "ipv4", "ipv6", "address", "addr"}))),
    ("Q", (frozenset({"photo", "photograph", "portrait", "selfie"}),)),
)
"""A name holds an identifier if one word of every set is among its own."""
_EVENTS = frozenset(
    {
        *("birth", "born", "dob", "death", "died", "dod", "admission", "admitted", "discharge", "discharged", "visit"),
        *("encounter", "appointment", "service", "diagnosis", "procedure", "surgery", "treatment", "specimen"),
        *("prescribed", "vaccinated"),
    }
)
"""What happens to patients, and when."""
_DATES = frozenset({"date", "dt", "day", "on", "at", "time", "ts", "dob", "dod", "datetime", "timestamp"})
_COARSE = frozenset({"year", "yr", "zip3", "state", "age", "count"})
_STREET = frozenset({"street", "house", "address", "addr", "apartment"})
_TYPES = re.compile(r"^\s*(date|time|timestamp|datetime)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def identifiers(name: str, type_: str | None, tags: Collection[str]) -> list[str]:
    """The letters, sorted; none where nothing is known of the column."""
    words = _words(name)
    found = {_letter(tag) for tag in tags if tag.startswith(f"{PII}/")} - {""}
    if not words & _COARSE:
        found |= {letter for letter, sets in _BY_WORDS if all(words & one for one in sets)}
        if words & _EVENTS and (words & _DATES or (type_ and _TYPES.match(type_))):
            found.add("C")
    elif found and words & {"year", "yr", "zip3", "state", "age"}:
        found -= {"B", "C"}
    if not found and PII in tags and not any(tag.startswith(f"{PII}/") for tag in tags):
        found.add("R")
    return sorted(found)


def street(name: str, tags: Collection[str]) -> bool:
    """Whether it is an address finer than town and ZIP: by its name, or by its tag unless its name is a town or ZIP."""
    words = _words(name)
    towns = _BY_WORDS[0][1][0] | {"state", "zip3", "country"}
    return bool(words & _STREET and not words & {"ip", "mac", "email", "mail"}) or (
        category_tag("address") in tags and not words & towns
    )


def _letter(tag: str) -> str:
    category = tag.removeprefix(f"{PII}/")
    return "" if category in _HARMLESS else _BY_TAG.get(category, "R")


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}
