"""Reading events out of files: where each begins, and that one bad line costs one event."""

from __future__ import annotations

import gzip
import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cli.documents import Found, open_events, read_events

EVENT = {"eventTime": "2024-08-06T13:26:49Z", "run": {"facets": {"a": ["}", "{", '"]']}}}
LINE = json.dumps(EVENT).encode()


def read(content: bytes) -> list[Found]:
    return list(read_events(io.BytesIO(content)))


def shape(content: bytes) -> list[tuple[int, str]]:
    """Line and fault of each, `ok` for events."""
    return [(found.line, found.fault or "ok") for found in read(content)]


def events(content: bytes) -> list[Any]:
    return [json.loads(found.raw) for found in read(content)]


def test_an_object_on_one_line_or_on_many() -> None:
    """A document ends where its braces do, however it is laid out."""
    for indent in (None, 0, 2):
        assert [EVENT] == events(json.dumps(EVENT, indent=indent).encode())


def test_an_array_gives_its_elements_with_their_lines() -> None:
    """Each element is an event of its own; its line is where it begins."""
    content = b'\n[\n  {"a": 1},\n  {"b":\n 2}, {"c": 3}\n]\n'

    assert [(3, "ok"), (4, "ok"), (5, "ok")] == shape(content)
    assert [{"a": 1}, {"b": 2}, {"c": 3}] == events(content)


def test_lines_are_events() -> None:
    """Blank lines count as lines, not as events; a byte order mark is no part of one."""
    content = b"\xef\xbb\xbf" + LINE + b"\r\n\n" + LINE

    assert [(1, "ok"), (3, "ok")] == shape(content)


def test_objects_one_after_the_other_may_be_laid_out() -> None:
    """What `jq .` prints is read too."""
    content = b"\n".join([json.dumps(EVENT, indent=2).encode()] * 2)
    lines = content.count(b"\n") + 1

    assert [(1, "ok"), (lines // 2 + 1, "ok")] == shape(content)


@pytest.mark.parametrize(
    "bad", [b"{oops}", b"nonsense", LINE[:-3], LINE[:20], b'"text"', b'{"a": NaN}', b'{"a": "\xff"}', b"}", b"[1, 2"]
)
def test_a_bad_line_costs_its_own_event_only(bad: bytes) -> None:
    """Whatever a line holds, the events around it are read."""
    found = shape(b"\n".join([LINE, bad, LINE, LINE]))
    faults = [(line, fault) for line, fault in found if fault != "ok"]

    if bad.startswith(b"["):  # an array may go on on the next line, so it takes the rest with it
        assert 1 <= found.count((1, "ok"))
    else:
        assert [1, 3, 4] == [line for line, fault in found if fault == "ok"]
    assert faults


def test_a_value_that_is_no_object_is_a_fault() -> None:
    """Numbers and texts are JSON and no events; inside of an array too."""
    assert [(1, "not a JSON object"), (2, "not a JSON object"), (3, "ok")] == shape(b"7\n[\n")[:1] + shape(
        b'[\n"x",\n{}]'
    )


def test_an_array_is_read_up_to_its_fault() -> None:
    """What stands before the fault is read; the fault has its line."""
    found = shape(b'[{"a": 1},\n{"b": 2}\n{"c": 3}]')

    assert [(1, "ok"), (2, "ok")] == found[:2]
    assert 3 == found[2][0] and "comma" in found[2][1]


def test_an_array_nested_without_end_is_a_fault() -> None:
    """Not a crash."""
    assert 1 == len(read(b"[" * 100_000))


def test_nothing_holds_no_events() -> None:
    """An empty file, blank lines, an empty array."""
    assert [] == read(b"") == read(b"\n \n") == read(b"[ ]")


def test_numbers_stay_as_they_were_written() -> None:
    """The text of an event is not printed anew."""
    assert [b'{"a": 1.0, "b": 1E400}'.replace(b"1E400", b"1e3")] == [f.raw for f in read(b'{"a": 1.0, "b": 1e3}\n')]


def test_lines_are_read_as_they_come() -> None:
    """An event is given before the next line is asked for."""
    asked: list[int] = []

    def lines() -> Any:
        for number in (1, 2):
            asked.append(number)
            yield LINE + b"\n"

    next(read_events(lines()))

    assert [1] == asked


def test_packed_files_are_told_by_their_content(tmp_path: Path) -> None:
    """gzip under any name, and no gzip under its name."""
    packed, plain = tmp_path / "events.json", tmp_path / "events.json.gz"
    packed.write_bytes(gzip.compress(LINE))
    plain.write_bytes(LINE)
    for path in (packed, plain):
        with open_events(os.fspath(path)) as stream:
            assert [Found(1, LINE)] == list(read_events(stream))


def test_damaged_gzip_is_a_fault_behind_what_could_be_read() -> None:
    """A download that was cut off: its events up to there are read."""
    whole = gzip.compress(b"".join(b'{"n": %d, "r": "%s"}\n' % (n, os.urandom(30).hex().encode()) for n in range(9999)))
    with gzip.GzipFile(fileobj=io.BytesIO(whole[: len(whole) // 2])) as stream:
        found = list(read_events(stream))

    assert 1000 < len(found)
    assert "damaged" in found[-1].fault or "damaged" in found[-2].fault
    assert not any(f.fault for f in found[:-2])


@pytest.mark.parametrize(
    ("begin", "between", "end"), [(b"[", b",", b"]"), (b"[\n  ", b",\n  ", b"\n]\n"), (b"", b"\n", b"")]
)
def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path, begin: bytes, between: bytes, end: bytes) -> None:
    """An array on one line or on many, or lines, however long they are."""
    one, count = json.dumps({**EVENT, "filling": "x" * 900}).encode(), 20_000
    (tmp_path / "events").write_bytes(begin + between.join([one] * count) + end)

    with open_events(os.fspath(tmp_path / "events")) as pieces:
        tracemalloc.start()
        found = sum(not event.fault for event in read_events(pieces))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert count == found
    assert peak < 10_000_000


def test_arrays_follow_each_other() -> None:
    """One on each line, as some exporters write them; then lines; each event has its line."""
    content = b'[{"a": 1},\n{"b": 2}]\n\n[{"c": 3}]\n{"d": 4}\n'

    assert [(1, "ok"), (2, "ok"), (4, "ok"), (5, "ok")] == shape(content)


@given(st.lists(st.dictionaries(st.text(), st.text()), max_size=4), st.integers(1, 9), st.booleans())
def test_where_pieces_are_cut_is_nothing(objects: list[dict[str, Any]], size: int, lines: bool) -> None:
    """Inside of a character, a text, a number: the same events on the same lines."""
    text = "\n".join(json.dumps(o, ensure_ascii=False) for o in objects) if lines else json.dumps(objects, indent=1)
    content = text.encode()

    stream = io.BytesIO(content)

    assert read(content) == list(read_events(iter(lambda: stream.readline(size), b"")))


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers(-9, 9) | st.lists(st.text())), max_size=5), st.data()
)
def test_every_layout_gives_the_same_events(objects: list[dict[str, Any]], pick: st.DataObject) -> None:
    """Array or lines, wide or narrow: the same events."""
    indent = pick.draw(st.sampled_from([None, 0, 1, 4]))
    ascii_only = pick.draw(st.booleans())
    array = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()
    lines = "\n".join(json.dumps(o, indent=indent, ensure_ascii=ascii_only) for o in objects).encode()

    assert objects == events(array) == events(lines)
