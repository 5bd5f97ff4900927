"""Every rendering shows the whole report, is always the same, and nothing in a report can act in it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from catalog.reports.canonical import content_of
from catalog.reports.document import Cell, Lineage, Node, Prose, Report, Section, Table, Tone
from catalog.reports.renderers import RENDERERS
from catalog.reports.renderers.columns import READABLE, fit, is_cramped
from catalog.reports.renderers.csv import FORMULA
from catalog.reports.renderers.drawing import HEIGHT, WIDTH, lay_out
from catalog.reports.renderers.letters import runs
from catalog.reports.renderers.pages import MOST_ROWS, head
from tests.unit.reports.a_report import EDGES, NODES, a_report


def rendered(format_: str, report: Report | None = None) -> bytes:
    told = report or a_report(12)
    return RENDERERS[format_](told, content_of(told))


def a_table(rows: int) -> Report:
    table = Table("Rows", ("Number", "Text"), tuple((i, f"row {i}") for i in range(rows)))
    report = a_report(0)
    return Report(
        **{name: getattr(report, name) for name in report.__slots__ if name != "sections"},
        sections=(Section("rows", "Rows", (table,)),),
    )


class Seen(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("format_", RENDERERS)
def test_a_rendering_is_the_same_again(format_: str) -> None:
    """Byte for byte, whatever was drawn between."""
    first = rendered(format_)
    rendered(format_, a_table(3))

    assert first == rendered(format_)


def test_csv_is_read_by_machines_and_calculates_nothing() -> None:
    """Each row says what it is; texts that look like formulas are texts, numbers stay numbers."""
    text = rendered("csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert {"headwater-report", "report", "section", "prose", "fact", "columns", "row", "node", "edge", "policy"} == {
        row[0] for row in rows
    }
    assert [] == [cell for row in rows for cell in row if cell.startswith(FORMULA) and not _is_number(cell)]
    assert 12 == sum(row[:3] == ["row", "findings", "Open findings"] for row in rows)
    assert ["row", "texts", "", '\'=HYPERLINK("http://example.org","pay")'] == next(
        r for r in rows if "HYPER" in str(r)
    )[:4]


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", cell))


def test_html_has_no_script_and_loads_nothing() -> None:
    """No element acts or loads, no attribute runs, and what reports say is text."""
    page = Seen(rendered("html"))

    assert set() == {"script", "img", "iframe", "object", "embed", "link", "base", "form", "video"} & set(page.tags)
    assert [] == [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset", "style")]
    assert {"#"} == {str(value)[0] for name, value in page.attributes if name == "href"}
    assert 1 == sum("<script>alert(1)</script>" in text for text in page.texts if "\n" not in text) - 2
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert "url(" not in rendered("html").decode() and "@import" not in rendered("html").decode()


@pytest.mark.parametrize("format_", ["html", "md", "csv"])
def test_signs_that_mislead_are_spelled_out(format_: str) -> None:
    """A name that is turned round or has unseen letters in it cannot pass for another one."""
    text = rendered(format_).decode("utf-8-sig")

    assert set() == set("\u202e\u200b\x00\x07") & set(text)
    assert "U+202E" in text and "U+200B" in text


@pytest.mark.parametrize("format_", ["html", "md"])
def test_what_is_left_out_of_a_long_table_is_said(format_: str) -> None:
    """And the JSON and the CSV have it."""
    report = a_table(MOST_ROWS + 17)
    text = rendered(format_, report).decode()

    assert "17 further rows are not shown" in text
    assert f"row {MOST_ROWS - 1}" in text and f"row {MOST_ROWS}" not in text
    assert f"row {MOST_ROWS + 16}".encode() in rendered("csv", report)


def test_headings_stand_over_their_numbers() -> None:
    """A column of numbers stands at the right with its heading; one number among texts does not move a heading."""
    mixed = Table("Mixed", ("Version", "Value"), (("v1", 1), ("v2", "none")))
    report = replace(a_table(3), sections=(*a_table(3).sections, Section("mixed", "Mixed", (mixed,))))
    page, text = rendered("html", report).decode(), rendered("md", report).decode()

    assert '<th scope="col" class="number">Number</th><th scope="col">Text</th>' in page
    assert '<th scope="col">Version</th><th scope="col">Value</th>' in page
    assert "| Number | Text |\n| ---: | --- |" in text and "| Version | Value |\n| --- | --- |" in text


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ({}, [("Scope", "the whole catalog")]),
        ({"domain": None, "framework": None}, [("Scope", "the whole catalog")]),
        ({"domain": "care", "framework": None}, [("Scope: domain", "care")]),
        ({"months": 12, "activity": None}, [("Scope", "the whole catalog"), ("Scope: months", 12)]),
    ],
)
def test_a_scope_that_nobody_chose_is_the_whole_catalog(scope: dict[str, Cell], told: list[tuple[str, Cell]]) -> None:
    """Not "not stated": nothing is missing; and a report that judges nothing says so."""
    rows = head(replace(a_table(1), scope=scope, policies=()), b"").rows

    assert told == [row for row in rows if row[0].startswith("Scope")]
    assert ("Policies", "none: it tells facts, and judges nothing") in rows


def test_sentences_keep_room_beside_hashes() -> None:
    """A column of sentences is not pressed into one word a line so that a hash stands in fewer lines."""
    words = "Protected health information leaves the house, and no disclosure is on record nor an exception stated."
    row = ("hipaa.dataset.encrypted_in_transit", words, "high", "HIPAA 164.312(a)(1)", "none", "hipaa", "1", "f" * 64)
    names = ("Policy", "What breaks it", "Severity", "Control", "Parameters", "Pack", "Version", "SHA-256")

    assert fit(Table("", names, (row,)), 700.0, 7.6, 8.0)[1] >= READABLE
    assert is_cramped(Table("", names, (row,)), 495.0, 7.6, 8.0)


def test_markdown_keeps_tables_whole() -> None:
    """No text breaks out of its cell: each row has the columns of its head."""
    lines = rendered("md").decode().split("\n")
    at = lines.index("| Text | Again |")
    rows = lines[at + 2 : lines.index("", at)]

    assert {3} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert not re.search(r"(?<!\\)<(script|h|b)\b", "\n".join(lines))


def test_letters_are_never_boxes() -> None:
    """Each character comes from a font that has it, or is spelled by its number."""
    assert "Größe Ελλάδα Привет 客户 顧客データ 고객 😀" == "".join(
        part for _, part in runs("Größe Ελλάδα Привет 客户 顧客データ 고객 😀")
    )
    assert [("HeadwaterSans", "a"), ("HeadwaterEast", "客"), ("HeadwaterSans", "[U+1F680]")] == runs("a客\U0001f680")


def test_a_pdf_of_anything_is_made() -> None:
    """Empty reports, cells longer than a page, tables of many columns, and more rows than are shown."""
    long = "word " * 6_000
    sections = (
        Section("empty", "", ()),
        Section("none", "None", (Prose(""), Table("", (), ()), Lineage("", (), ()))),
        Section("long", "Long", (Prose("p " * 9_000), Table("t" * 300, ("a", "b"), ((long, "x" * 9_000),)))),
        Section("wide", "Wide", (Table("", tuple(map(str, range(30))), (tuple(range(30)),) * 3),)),
    )
    report = a_report(0)
    told = Report(**{n: getattr(report, n) for n in report.__slots__ if n != "sections"}, sections=sections)
    pdf = rendered("pdf", told)

    assert (b"%PDF", b"%%EOF") == (pdf[:4], pdf.rstrip()[-5:])


def test_data_flow_forwards_in_a_drawing() -> None:
    """Boxes stand apart, sources before what is made of them, and an edge back is marked as one."""
    drawn = lay_out(Lineage("", NODES, EDGES))
    places = {box.node.id: (box.x, box.y) for box in drawn.boxes}
    boxes = sorted(places.values())
    apart = [abs(a[0] - b[0]) >= WIDTH or abs(a[1] - b[1]) >= HEIGHT for a in boxes for b in boxes if a < b]
    back = {path.tone for path in drawn.paths if path.back}

    assert all(apart)
    assert {"muted"} == back
    assert places["crm"][1] < places["load"][1] < places["raw"][1] < places["dim"][1] < places["model"][1]


def test_a_drawing_does_not_depend_on_the_order_of_its_nodes() -> None:
    """The same lineage is drawn alike."""
    assert lay_out(Lineage("", NODES, EDGES)) == lay_out(Lineage("", NODES[::-1], EDGES[::-1]))


def test_a_drawing_bears_circles_strangers_and_many() -> None:
    """Edges to themselves or to nobody are left out; a circle ends."""
    nodes = tuple(Node(f"n{i:03}", f"node {i}", "Dataset") for i in range(120))
    edges: tuple[tuple[str, str, Tone], ...] = tuple((f"n{i:03}", f"n{(i * 7 + 1) % 120:03}", "") for i in range(120))
    drawn = lay_out(Lineage("", nodes, (*edges, ("n000", "n000", ""), ("n000", "gone", ""))))

    assert 120 == len(drawn.boxes)
    assert len({edge[:2] for edge in edges if edge[0] != edge[1]}) == len(drawn.paths)
