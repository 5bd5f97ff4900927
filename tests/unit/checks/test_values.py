"""What values show: check digits, ranges and forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checks.classification.values import (
    category_of,
    is_card,
    is_email,
    is_iban,
    is_ip,
    is_phone,
    is_ssn,
    luhn,
)


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117"])
def test_cards_are_known_by_their_last_digit(text: str) -> None:
    """A number that Luhn's rule accepts is a card's; with any other last digit it is none."""
    others = [text[:-1] + str(digit) for digit in range(10) if str(digit) != text[-1]]

    assert (True, [False] * 9) == (is_card(text), [is_card(other) for other in others])


@given(st.text("0123456789", min_size=1, max_size=18))
def test_every_number_has_one_last_digit(digits: str) -> None:
    """Luhn: of the ten digits that may follow exactly one fits."""
    assert 1 == sum(luhn(digits + str(last)) for last in range(10))


@pytest.mark.parametrize(
    "text", ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR1420041010050500013M02606"]
)
def test_accounts_are_known_by_their_check_digits(text: str) -> None:
    """An IBAN fits mod 97; with two of its digits exchanged it does not."""
    place = next(
        i for i in range(4, len(text) - 1) if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]
    )
    exchanged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    assert (True, False) == (is_iban(text), is_iban(exchanged))


def test_forms() -> None:
    """What can be and what cannot."""
    assert [True, False, False, False, False] == [
        is_ssn(text) for text in ("123-45-6789", "000-45-6789", "666-45-6789", "923-45-6789", "123-00-6789")
    ]
    assert [True, True, False, False] == [is_email(t) for t in ("a.b+c@example.co", "x@a.de", "a@b", "no at.example")]
    assert [True, True, False, False] == [is_ip(t) for t in ("192.0.2.7", "2001:db8::1", "17", "1.2.3")]
    assert [True, True, False, False] == [is_phone(t) for t in ("+49 30 123456", "(555) 010-9999", "20240131", "12.5")]


def test_most_of_some_values_decide() -> None:
    """Four fifths of at least three distinct values; fewer say nothing."""
    addresses = [f"{n}@example.com" for n in range(4)]

    assert "email" == category_of([*addresses, "n/a", *addresses])
    assert None is category_of([*addresses, "n/a", "none"])
    assert None is category_of(["a@example.com"] * 9)
    assert "online_id" == category_of(["192.0.2.1", "192.0.2.2", "2001:db8::1"])
    assert None is category_of([])
