"""What values themselves show: pure checks, for samples that somebody hands in; the catalog keeps none.

Source: ISO/IEC 7812-1 (Luhn), ISO 13616 (IBAN, mod 97), SSA's rules for numbers given since 2011, RFC 5321, E.164.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address

LEAST = 3
"""Values that must be there."""
SHARE = 0.8
"""Of the distinct values, how many must fit."""
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_SSN = re.compile(r"([0-9]{3})-([0-9]{2})-([0-9]{4})")
_PHONE = re.compile(
    r"\+[1-9][0-9 ().-]{6,22}[0-9]|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}|0[0-9]{2,5}[ /-][0-9]{4,10}"
)
_CARD = re.compile(r"[2-6][0-9]{12,18}")
_GAPS = re.compile(r"[ -]")


def is_email(text: str) -> bool:
    """Whether it has the form of an address."""
    return _EMAIL.fullmatch(text) is not None


def is_card(text: str) -> bool:
    """Whether it is a number of a payment card: 13 to 19 digits, the last one by Luhn."""
    digits = _GAPS.sub("", text)
    return _CARD.fullmatch(digits) is not None and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others: every second one from the right doubled, its digits summed, mod 10."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether it is an account number whose check digits fit: letters as 10 to 35, the first four last, mod 97 is 1."""
    plain = _GAPS.sub("", text).upper()
    if not _IBAN.fullmatch(plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(text: str) -> bool:
    """Whether it is a US social security number that can have been given: with hyphens, none of its parts a gap."""
    found = _SSN.fullmatch(text)
    if found is None or found[1] in ("000", "666") or found[1] >= "900":
        return False
    return found[2] != "00" and found[3] != "0000"


def is_ip(text: str) -> bool:
    """Whether it is an address of IPv4 or IPv6; a bare number is none."""
    try:
        return bool(ip_address(text)) and ("." in text or ":" in text)
    except ValueError:
        return False


def is_phone(text: str) -> bool:
    """Whether it is written as telephone numbers are: with a plus, or in groups; mere digits say nothing."""
    return _PHONE.fullmatch(text) is not None and 7 <= sum(c.isdigit() for c in text) <= 15


CHECKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", is_email),
    ("financial", is_iban),
    ("financial", is_card),
    ("government_id", is_ssn),
    ("online_id", is_ip),
    ("phone", is_phone),
)
"""Category -> what shows it, the strictest first."""


def category_of(values: Iterable[str]) -> str | None:
    """The category that most of some values show; None if none does, or if they are too few to say."""
    distinct = {value.strip() for value in values if value.strip()}
    if len(distinct) < LEAST:
        return None
    for category, fits in CHECKS:
        if sum(map(fits, distinct)) >= SHARE * len(distinct):
            return category
    return None
