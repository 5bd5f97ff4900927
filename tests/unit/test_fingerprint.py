"""The graph hash reads a page at a time, however much there is, and adds up what it reads."""

from __future__ import annotations

from typing import Any, cast

import pytest

from catalog.errors import StoreTimeout
from catalog.graph import fingerprint as module
from catalog.graph import ranges
from catalog.graph.fingerprint import fingerprint
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store
from catalog.identity import Name, dataset_id

Q = blocks("fingerprint")
FIRST, SEVENTH = (dataset_id(Name("db", name)) for name in "07")


class PagedStore:
    """Answers each block of the fingerprint from lists in memory, and counts the rows of its answers.

    Args:
        most: rows that a statement may look at before its time is over; None for any number.
        rows: by block; rows of subjects carry `of`, the id they are asked for by.
    """

    def __init__(self, most: int | None, **rows: list[Row]) -> None:
        self._most = most
        self._rows = {Q[name]: found for name, found in rows.items()}
        self.answers: list[int] = []

    def rows(self, text: str, **given: Any) -> list[Row]:
        """One page: from a cursor on, or of a range of ids; there is no inbox, and no run."""
        if "limit" not in given:
            return []
        found = [dict(row) for row in self._rows.get(text, ())]
        if "ids" in given:
            found = [row for row in found if row["of"] in given["ids"] and row["cursor"] > given["after"]]
            found.sort(key=lambda row: str(row["cursor"]))
        else:
            found = [row for row in found if given["low"] <= row["id"] < given["high"]]
        if self._most is not None and len(found) > self._most:
            raise StoreTimeout("too many rows at once")
        page = found[: given["limit"]]
        self.answers.append(len(page))
        return page


def datasets(n: int) -> list[Row]:
    return [{"id": dataset_id(Name("db", str(i))), "name": str(i)} for i in range(n)]


def uses(of: str, n: int) -> list[Row]:
    return [{"cursor": f"{of}{i:06}", "of": of, "n": 1} for i in range(n)]


def registers(of: str, *steps: tuple[list[int], list[int], list[str]]) -> list[Row]:
    return [
        {"cursor": f"r{i}", "key": f"r{i}", "of": of, "now": vs[-1], "ts": ts, "ss": ss, "vs": vs}
        for i, (ts, ss, vs) in enumerate(steps)
    ]


def print_of(**rows: list[Row]) -> str:
    return fingerprint(cast(Store, PagedStore(None, **rows)))


def test_no_answer_is_longer_than_a_page() -> None:
    """A hub with more bundles than a page is read in pages too."""
    store = PagedStore(None, datasets=datasets(2_500), uses=uses(SEVENTH, 3_000))
    fingerprint(cast(Store, store))

    assert ranges.PAGE + 1 == max(store.answers)
    assert ranges.PAGE + 1 + 2_500 + 3_000 == sum(store.answers)


def test_the_seams_of_pages_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any size of pages gives one print."""
    rows = {"datasets": datasets(50), "uses": uses(SEVENTH, 30)}
    whole = print_of(**rows)
    monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr(ranges, "PAGE", 10)
    monkeypatch.setattr(module, "SUBJECTS", 3)

    assert whole == print_of(**rows)


def test_what_takes_a_store_too_long_is_asked_for_by_less() -> None:
    """An answer that the store ends for its time is cut until it fits, and the print is the same; one id is the end."""
    rows = {"datasets": datasets(300), "uses": [use for row in datasets(300) for use in uses(row["id"], 3)]}
    cut = PagedStore(40, **rows)

    assert print_of(**rows) == fingerprint(cast(Store, cut))
    assert 40 >= max(cut.answers)
    with pytest.raises(StoreTimeout):
        fingerprint(cast(Store, PagedStore(40, datasets=datasets(1), uses=uses(FIRST, 41))))


def test_the_same_fact_twice_is_not_the_same_as_none() -> None:
    """Digests are added: equal ones do not cancel each other."""
    one, three = (print_of(datasets=datasets(1), uses=uses(FIRST, n)) for n in (1, 3))

    assert one != three


def test_sequences_are_no_facts() -> None:
    """What a register said over time is one, who could know it when is not."""
    base = ([1, 2], [5, 6], ["a", "b"])
    same = ([1, 2], [9, 3], ["a", "b"])
    hidden = ([1, 2, 2], [9, 3, 8], ["a", "x", "b"])
    others = [([1, 3], [5, 6], ["a", "b"]), ([1, 2], [5, 6], ["c", "b"]), ([2], [6], ["b"])]
    prints = [print_of(datasets=datasets(1), registers=registers(FIRST, steps)) for steps in (base, same, hidden)]

    assert 1 == len(set(prints))
    assert 4 == len(
        {prints[0], *(print_of(datasets=datasets(1), registers=registers(FIRST, steps)) for steps in others)}
    )


def test_what_never_said_anything_is_no_fact() -> None:
    """A removal of nothing is remembered, and says nothing."""
    silent = ([2, 2], [3, 8], ["x", ""])

    assert print_of(datasets=datasets(1)) == print_of(datasets=datasets(1), registers=registers(FIRST, silent))
