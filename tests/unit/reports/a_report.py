"""A report with everything that a renderer has to bear: blocks, hostile texts, many rows, letters from anywhere."""

from __future__ import annotations

from dataclasses import replace

from catalog.checks.judgement import OUTCOMES
from catalog.reports.canonical import sha256
from catalog.reports.document import Cell, Facts, Lineage, Node, Prose, Report, Section, Table, Tone

HOSTILE = (
    '=HYPERLINK("http://example.org","pay")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "<script>alert(1)</script>",
    "a|b`c*d_e[f](g)<h>&amp;",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "tab\tand\nline\r\nbreaks",
    "--> <!-- headwater-seal: AAAA -->",
    "%headwater-seal: AAAA",
    "Größe: Straße, 客户订单表, 顧客データ, 고객, Ελλάδα, Привет, ½ ≤ 3 €",
    "rocket \U0001f680, family \U0001f468‍\U0001f469‍\U0001f467, smile 😀, हिन्दी",
    "\x00\x07 control",
    "x" * 400,
)
TEXT = '{"kind":"Policy","name":"hygiene.dataset.owner"}'
NODES = (
    Node("crm", "postgres://crm/public.customers", "Dataset", "bad", "pii/email"),
    Node("load", "airflow.load_customers", "Job"),
    Node("raw", "warehouse.raw.customers", "Dataset", "", "EU"),
    Node("clean", "dbt.stg_customers", "Job"),
    Node("dim", "warehouse.mart.dim_customers_with_a_name_that_is_really_much_too_long_for_a_box", "Dataset", "warn"),
    Node("train", "ml.train_churn", "Job"),
    Node("model", "churn:7", "ModelVersion", "good", "champion"),
    Node("客户", "warehouse.客户订单", "Dataset", "muted"),
)
EDGES: tuple[tuple[str, str, Tone], ...] = (
    ("crm", "load", "bad"),
    ("load", "raw", "bad"),
    ("raw", "clean", "bad"),
    ("clean", "dim", "bad"),
    ("客户", "clean", ""),
    ("dim", "train", ""),
    ("train", "model", "good"),
    ("raw", "train", ""),
    ("model", "load", "muted"),
)


def a_small_report() -> Report:
    """Its summary alone."""
    report = a_report(5)
    return replace(report, sections=report.sections[:1])


def a_report(rows: int = 120) -> Report:
    """The report."""
    many: tuple[tuple[Cell, ...], ...] = tuple(
        (f"warehouse.mart.table_{i}", "hygiene.dataset.owner", ("high", "low")[i % 2], i, 0.1 * i, None, i % 3 == 0)
        for i in range(rows)
    )
    tones: tuple[Tone, ...] = ("bad", "warn", "", "good", "muted") * (rows // 5)
    wide = tuple(f"Column {i}" for i in range(11))
    return Report(
        name="policy-compliance",
        version=1,
        title="Policy compliance: Größe & <Umfang>",
        as_of="2026-11-22T03:00:00Z",
        known_at=4711,
        scope={"packs": "hygiene, gdpr", "domain": None, "empty": ""},
        generator={"name": "Headwater", "version": "0.0", "fold": "1"},
        graph="ab" * 32,
        policies=(("hygiene.dataset.owner", "1", "hygiene", sha256(TEXT.encode()), TEXT),),
        populations=(("hygiene.dataset.owner", rows, *(rows if o == "PASS" else 0 for o in OUTCOMES)),),
        sections=(
            Section(
                "summary",
                "Summary",
                (
                    Prose("What was asked and what came out. " * 12),
                    Prose("3 policies do not hold.", "bad"),
                    Prose("Two waivers end this month.", "warn"),
                    Prose("All the others hold.", "good"),
                    Facts((("Things", 120), ("Stated", None), ("Nothing", ""), ("Kept", True)), "Numbers"),
                ),
            ),
            Section(
                "findings",
                "Findings",
                (
                    Table(
                        "Open findings", ("Thing", "Policy", "Severity", "Days", "Share", "Due", "Waived"), many, tones
                    ),
                    Table("None of these", ("Thing",), (), empty="No finding was waived."),
                ),
            ),
            Section("lineage", "Where it came from", (Lineage("From source to model", NODES, EDGES, 3),)),
            Section(
                "texts",
                "Texts <b>of</b> others",
                (
                    Table("", ("Text", "Again"), tuple((text, text) for text in HOSTILE)),
                    *(Prose(text) for text in HOSTILE),
                    Table("Wide", wide, tuple(tuple(f"value {i} of {c}" for c in range(11)) for i in range(8))),
                ),
            ),
        ),
        unknown=("the owners of 3 things were hidden from the reader",),
        extra={"Requested for": "audit 2026"},
    )
