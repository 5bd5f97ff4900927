"""Odd events, each with what must become of it; `tests/store/test_poison.py` and `tests/e2e/test_poison.py` send them.

Whatever an event holds, three answers exist: 201 and applied; 201 and rejected with a reason; 400 with a problem. An
odd name, value or size is no reason to refuse: pipelines have them, and whoever has them wants to see them.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

APPLIED, REJECTED, REFUSED = "APPLIED", "REJECTED", "REFUSED"
"""What becomes of an event: an entry in one of two states, or 400 and no entry."""

NOON = "2026-03-01T12:00:00Z"
LONG = 200_000
"""Bytes of the longest names seen in the field are 230 kB (Marquez #2469)."""

_Make = Callable[[], bytes]


class Odd(NamedTuple):
    """One odd event.

    Attributes:
        make: its body as a client sends it; made when needed, since some have megabytes.
        end: what becomes of it.
        words: part of the reason or the problem's detail.
        big: it takes seconds.
    """

    name: str
    make: _Make
    end: str = APPLIED
    words: str = ""
    big: bool = False

    def __str__(self) -> str:
        return self.name


TEXTS = {
    "comma": "a,b,,c",
    "space": "a b  c",
    "spaces around": " a ",
    "tilde": "~/a~b",
    "percent": "100% %41%00%zz%",
    "slashes": "//a/../b/./c?x=1#y",
    "cyrillic": "продажи.заказы",
    "emoji": "🧨🤷🏽\u200d♀️ table",
    "beyond utf-16 order": "\uffee full width, sorts before an emoji by code point",
    "quotes": """it's "quoted" `back` \\ slash""",
    "dots": "..a..b..",
    "brackets": "{visible x} $param {{x}} [a](b) <b>",
    "lucene": '+a -b && c || !d (e) {f} [g] ^h "i" ~j *k ?l :m \\n /o/ AND OR NOT TO',
    "cypher": "x'}) DETACH DELETE n // `)-[:READS]->() RETURN 1;",
    "sql": "'; DROP TABLE datasets; --",
    "line breaks": "a\nb\r\nc\td\u2028e\u2029f\x0bg\x85h",
    "controls": "a\x01\x02\x1b[31mred\x7f",
    "nul": "a\x00b\x00",
    "right to left": "\u202eabc\u202c שלום",
    "zero width": "a\u200bb\u200cc\u2060d\u00ad",
    "combining": "Z\u0351\u036b\u0343a" + "\u0300" * 50,
    "composed": unicodedata.normalize("NFC", "größe é 각"),
    "decomposed": unicodedata.normalize("NFD", "größe é 각"),
    "byte order mark": "\ufeffa\ufeff",
    "not a character": "a\uffff\ufffe\U0010ffff",
    "private use": "\ue000\uf8ff\U000f0000",
    "no letters": "-- ?! ::",
    "one character": "ß",
    "1,100 characters": "t" * 1_100,
    "1,100 characters of four bytes": "🧨" * 1_100,
    "one word of 40,000 letters": "w" * 40_000,
    "200 kB": "long." + "x" * LONG,
    "200 kB of words": "word " * (LONG // 5),
}
"""Texts that are names to somebody; each is sent in every place that takes a text."""


def dataset(namespace: str, name: str, **facets: Any) -> dict[str, Any]:
    """A dataset as events name it."""
    return {"namespace": namespace, "name": name, "facets": facets}


def event(job: str, /, **parts: Any) -> dict[str, Any]:
    """A COMPLETE of a job in the namespace `odd`, with these parts instead of its own."""
    return {
        "eventType": "COMPLETE",
        "eventTime": NOON,
        "producer": "https://example.org/poison",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"run of {job}"[:100]},
        "job": {"namespace": "odd", "name": job},
        "inputs": [dataset("odd", f"in of {job}")],
        "outputs": [dataset("odd", f"out of {job}")],
        **parts,
    }


def everywhere(text: str) -> dict[str, Any]:
    """An event with a text in every place that takes one."""
    column = {"inputFields": [{**dataset(text, f"in {text}"), "field": text}]}
    transformation = {"type": text, "subtype": text, "description": text, "masking": True}
    column["inputFields"][0]["transformations"] = [transformation]
    written = dataset(
        text,
        f"out {text}",
        schema={"fields": [{"name": text, "type": text, "description": text, "fields": [{"name": text}]}]},
        columnLineage={"fields": {text: column}, "dataset": [{**dataset(text, f"in {text}"), "field": text}]},
        symlinks={"identifiers": [{"namespace": text, "name": f"alias {text}", "type": text}]},
        version={"datasetVersion": text},
        **{f"facet {text}": {text: [text]}},
    )
    return event(
        text,
        eventType=text,
        producer=text,
        schemaURL=text,
        run={
            "runId": text,
            "facets": {
                "parent": {"run": {"runId": f"parent {text}"}, "job": {"namespace": text, "name": f"parent {text}"}},
                "nominalTime": {"nominalStartTime": text},
                text: {text: text},
            },
        },
        job={"namespace": text, "name": text, "facets": {"sql": {"query": text}, text: {"of": text}}},
        inputs=[{**dataset(text, f"in {text}"), "inputFacets": {text: {"x": text}}}],
        outputs=[{**written, "outputFacets": {text: {"x": text}}}],
    )


def _facet(name: str, text: str) -> bytes:
    """An event whose one facet is this JSON text, spelled as it stands."""
    body = json.dumps(event(name, job={"namespace": "odd", "name": name, "facets": {"f": "@"}})).encode()
    return body.replace(b'"@"', text.encode())


def _body(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


VALUES = {
    "a number of 400 digits": "9" * 400,
    "a fraction of 400 digits": f"[0.{'1' * 400}, 1.{'0' * 400}e10]",
    "an exponent beyond floats": "[1e999, -1e999, 1e-999]",
    "not a number": "[NaN, Infinity, -Infinity]",
    "minus zero": "[-0.0, -0, 0]",
    "beyond 64 bits": "[9223372036854775808, 18446744073709551615, 18446744073709551616, -9223372036854775809]",
    "mixed list": '[true, 1, 1.5, "x", null, [], {}, [null]]',
    "nulls": '{"a": null, "b": [null, null]}',
    "empty keys": '{"": {"": ""}, " ": 1}',
    "odd keys": r'{"a.b": 1, "\"": 2, "`": 3, "$": 4, "\u0000": 5, "_deleted": "no", "$shape": "x"}',
    "a reference of ours": '{"$shape": "00000000000000000000000000000000"}',
    "keys twice": '{"a": 1, "a": {"b": 2}, "a": 3}',
    "lone surrogates": r'{"\ud800": "\udfff\ud800x", "good": "\ud83e\udde8"}',
    "a facet that is text": '"text"',
    "a facet that is a list": "[[[[]]]]",
    "a facet that is true": "true",
    "190 levels": _deep(190),
    "2,000 keys": "{" + ",".join(f'"k{i}":{i}' for i in range(2_000)) + "}",
}
"""JSON texts as a facet."""

TIMES = {
    "date only": ("2026-03-01", APPLIED, ""),
    "no zone": ("2026-03-01T12:00:00", APPLIED, ""),
    "zone by name": ("2026-03-01T12:00:00+01:00[Europe/London]", APPLIED, ""),
    "nanoseconds": ("2026-03-01T12:00:00.123456789Z", APPLIED, ""),
    "before 1970": ("0001-01-01T00:00:00Z", APPLIED, ""),
    "before the first year": ("0001-01-01T00:00:00+14:00", REJECTED, "eventTime"),
    "no time": ("yesterday", REJECTED, "ISO-8601"),
    "30 February": ("2026-02-30T12:00:00Z", REJECTED, "ISO-8601"),
    "leap second": ("2016-12-31T23:59:60Z", REJECTED, "ISO-8601"),
    "milliseconds": ("1772366400000", REJECTED, "ISO-8601"),
    "empty": ("", REJECTED, "ISO-8601"),
    "nul": ("2026-03-01T12:00:00\x00Z", REJECTED, "ISO-8601"),
    "other digits": ("２０２６-03-01T12:00:00Z", REJECTED, "ISO-8601"),
    "a megabyte": ("9" * 1_000_000, REJECTED, "ISO-8601"),
    "far future": ("9999-12-31T23:59:59Z", REJECTED, "future"),
}
"""`eventTime` as text."""

WRONG: tuple[Any, ...] = (None, True, 0, 1.5, "", "x", [], [None], {}, {"x": []}, [[1, "x"]])
"""What is put in every place of an event."""


def wrong_types() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every place of a full event, each with every wrong value in its turn."""
    whole = json.dumps(everywhere("right"))
    for path in _places(json.loads(whole)):
        for value in WRONG:
            changed = json.loads(whole)
            part = changed
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value
            yield f"{'.'.join(map(str, path))} = {value!r}", changed


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        yield (*above, key)
        yield from _places(child, (*above, key))


def _columns(count: int) -> dict[str, Any]:
    names = [f"c{i}" for i in range(count)]
    source = {"namespace": "odd", "name": "source of columns"}
    lineage = {"fields": {name: {"inputFields": [{**source, "field": name}]} for name in names}}
    schema = {"fields": [{"name": name, "type": "VARCHAR"} for name in names]}
    return event("5,000 columns", outputs=[dataset("odd", "5,000 columns", schema=schema, columnLineage=lineage)])


def _facet_of(size: int, *, of: str) -> dict[str, Any]:
    """A facet of text that hardly compresses, as a job's or a run's."""
    text = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz =,.\n", k=size))
    if of == "job":
        return event("10 MB", job={"namespace": "odd", "name": "10 MB", "facets": {"sql": {"query": text}}})
    return event("10 MB of a run", run={"runId": "10 MB", "facets": {"logs": {"text": text}}})


def _datasets(count: int, place: str) -> dict[str, Any]:
    schema = {"fields": [{"name": "id"}]} if place == "outputs" else None
    named = [dataset("odd many", f"{place} {i}", **({"schema": schema} if schema else {})) for i in range(count)]
    return event(f"{count:,} {place}", **{place: named})


def _facets(count: int, place: str, length: int = 1) -> dict[str, Any]:
    facets = {f"f{i}": {"x": "y" * length} for i in range(count)}
    name = f"{count:,} facets of a {place}"
    own = {"namespace": "odd", "name": name} if place == "job" else {"runId": name}
    return event(name, **{place: {**own, "facets": facets}})


def _run(name: str, external: str) -> dict[str, Any]:
    return event(name, run={"runId": external})


def _job(name: str, length: int) -> dict[str, Any]:
    return event(name, job={"namespace": "odd", "name": "n" * length})


def _output(name: str, **facets: Any) -> dict[str, Any]:
    return event(name, outputs=[dataset("odd", f"out of {name}", **facets)])


def _wide_column(count: int) -> dict[str, Any]:
    """Warnings that each tell a long place: together they would be terabytes."""
    return _output("warnings", columnLineage={"fields": {"c" * 400_000: {"inputFields": [0] * count}}})


def _words_of(size: int) -> dict[str, Any]:
    """A transformation's words would stand on its edge."""
    source = {**dataset("odd", "source of words"), "field": "f"}
    told = {**source, "transformations": [{"type": "DIRECT", "subtype": "s" * size, "description": "d" * size}]}
    return _output("words", columnLineage={"fields": {"c": {"inputFields": [told]}}})


_BIG: dict[str, tuple[Callable[[], dict[str, Any]], str, str]] = {
    "5,000 columns": (partial(_columns, 5_000), APPLIED, ""),
    "a 10 MB facet of a job": (partial(_facet_of, 10_000_000, of="job"), APPLIED, ""),
    "a 10 MB facet of a run": (partial(_facet_of, 10_000_000, of="run"), APPLIED, ""),
    "10,000 inputs": (partial(_datasets, 10_000, "inputs"), APPLIED, ""),
    "10,000 outputs with schemas": (partial(_datasets, 10_000, "outputs"), APPLIED, ""),
    "100,000 inputs": (partial(_datasets, 100_000, "inputs"), REJECTED, "several events"),
    "5,000 facets of a job": (partial(_facets, 5_000, "job"), APPLIED, ""),
    "5,000 facets of a run": (partial(_facets, 5_000, "run", 500), APPLIED, ""),
    "more facets of a run than a record holds": (partial(_facets, 20_000, "run", 900), REJECTED, "say less"),
    "a run id of 20 MB": (lambda: _run("run id of 20 MB", "r" * 20_000_000), REJECTED, "20,000,000 characters"),
    "a job name of 20 MB": (partial(_job, "name of 20 MB", 20_000_000), REJECTED, "20,000,000 characters"),
    "a job name of 500,000 characters": (partial(_job, "name of 500 kB", 500_000), APPLIED, ""),
    "a producer of 20 MB": (lambda: event("producer", producer="p" * 20_000_000), APPLIED, ""),
    "a facet key of 20 MB": (lambda: _output("facet key", **{"k" * 20_000_000: {}}), APPLIED, ""),
    "a column of 20 MB": (lambda: _output("column", schema={"fields": [{"name": "c" * 20_000_000}]}), APPLIED, ""),
    "words of 10 MB on an edge": (partial(_words_of, 10_000_000), APPLIED, ""),
    "30,000 long warnings": (partial(_wide_column, 30_000), APPLIED, ""),
    "ten million members that are nothing": (partial(_wide_column, 10_000_000), REJECTED, "10,000,000 things"),
    "100 names of 200 kB": (
        lambda: event("long names", inputs=[dataset(f"{i}" + "n" * LONG, "x" * LONG) for i in range(50)]),
        APPLIED,
        "",
    ),
}

_REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "spaces": (b" \n ", "empty"),
    "cut off": (_body(event("cut"))[:-1], "not JSON"),
    "more behind the end": (_body(event("more")) + b"}", "not JSON"),
    "single quotes": (b"{'run': 1}", "not JSON"),
    "invalid UTF-8": (_body(event("utf8")).replace(b"utf8", b"\xff\xfe\xc3("), "not JSON"),
    "a surrogate in UTF-8": (_body(event("cesu")).replace(b"cesu", b"\xed\xa0\x80"), "not JSON"),
    "a raw NUL": (_body(event("nul")).replace(b"nul", b"\x00"), "not JSON"),
    "an array": (b"[" + _body(event("array")) + b"]", "/api/v1/lineage/batch"),
    "a text": (b'"event"', "string"),
    "a number of a million digits": (b"9" * 1_000_000, "not an object"),
    "ten thousand levels": (_facet("levels", _deep(10_000)), "nested deeper"),
    "a million brackets": (b"[" * 1_000_000, "nested deeper"),
    "201 levels": (_facet("levels", _deep(201)), "nested deeper"),
    "a job as array": (_body(event("x", job=["odd", "x"])), "job"),
    "a run as array": (_body(event("x", run=[])), "run"),
    "a name as number": (_body(event("x", job={"namespace": "odd", "name": 5})), "job.name"),
    "no time": (_body(event("x", eventTime=None)), "eventTime"),
}


def catalogue() -> Iterator[Odd]:
    """All odd events; those with `big` take seconds."""
    for name, text in TEXTS.items():
        yield Odd(f"everywhere {name}", partial(lambda t: _body(everywhere(t)), text))
    for name, text in VALUES.items():
        yield Odd(f"facet {name}", partial(_facet, f"facet {name}", text))
    surrogates = json.dumps(everywhere("lone \ud800 surrogate \udc00")).encode()
    yield Odd("everywhere lone surrogates", lambda: surrogates)
    marked = b"\xef\xbb\xbf" + _body(event("behind a byte order mark"))
    yield Odd("a byte order mark before the body", lambda: marked)
    for name, (time, end, words) in TIMES.items():
        yield Odd(f"time {name}", partial(lambda n, t: _body(event(f"time {n}", eventTime=t)), name, time), end, words)
    for part, field in (("job", "namespace"), ("job", "name"), ("run", "runId")):
        for name, text in (("empty", ""), ("blank", " \t\u3000")):
            whole = {"namespace": "odd", "name": "x"} if part == "job" else {}
            body = _body(event(f"{name} {field}", **{part: {**whole, field: text}}))
            yield Odd(f"{name} {part}.{field}", partial(bytes, body), REJECTED, "empty")
    nameless = [dataset("", ""), dataset("odd", ""), dataset("", "odd"), dataset(" ", "\n")]
    yield Odd("empty names of datasets", lambda: _body(event("nameless", inputs=nameless, outputs=nameless)))
    for name, (body, words) in _REFUSED.items():
        yield Odd(f"refused {name}", partial(bytes, body), REFUSED, words)
    for name, (make, end, words) in _BIG.items():
        yield Odd(name, partial(lambda m: _body(m()), make), end, words, big=True)


def small() -> list[Odd]:
    """The odd events that take no time."""
    return [odd for odd in catalogue() if not odd.big]


def big() -> list[Odd]:
    """The ones that take seconds."""
    return [odd for odd in catalogue() if odd.big]


def named(text: str) -> str:
    """A name as it comes back: as it was sent, but for halves of surrogate pairs, which are no characters."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def good_events(namespace: str, count: int = 6) -> list[dict[str, Any]]:
    """Events as most are, of two jobs that share a dataset; they must not notice what is sent among them."""
    lineage = {"fields": {"id": {"inputFields": [{"namespace": namespace, "name": "raw", "field": "id"}]}}}
    schema = {"fields": [{"name": "id", "type": "INT"}]}
    return [
        event(
            f"run {i}",
            eventType=("START", "COMPLETE")[i % 2],
            eventTime=f"2026-03-01T12:00:{i:02}Z",
            run={"runId": f"run {i // 2}"},
            job={"namespace": namespace, "name": f"job {i // 2 % 2}"},
            inputs=[dataset(namespace, "raw", schema=schema)],
            outputs=[dataset(namespace, f"made {i // 2 % 2}", schema=schema, columnLineage=lineage)],
        )
        for i in range(count)
    ]


def applied(odds: Iterable[Odd]) -> list[Odd]:
    """Those that end in the graph."""
    return [odd for odd in odds if odd.end == APPLIED]
