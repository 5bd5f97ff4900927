"""Whose data protection law applies in a country."""

from __future__ import annotations

_EEA = """
AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
EEA = frozenset(_EEA.split())
"""The European Economic Area: the European Union with Iceland, Liechtenstein and Norway.

Source: EEA Joint Committee Decision 154/2018, which takes the GDPR into the EEA Agreement.
"""
_OTHERS = {"GB": "UK"}


def jurisdiction(country: str) -> str:
    """The jurisdiction of a country by its ISO 3166-1 code; outside the EEA it is its own."""
    code = country.strip().upper()
    return "EEA" if code in EEA else _OTHERS.get(code, code)
