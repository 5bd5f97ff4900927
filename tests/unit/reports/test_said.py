"""What reports say of the company, and of what is changed in it: records, disclosures, inventories, models, lineage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.assets.keys import Kind
from catalog.checks.choosing import choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.snapshot import Edge, Snapshot, Thing
from catalog.errors import InvalidQuestion
from catalog.reports.contents import CONTENTS
from catalog.reports.document import Lineage, Table
from tests.unit.reports import company
from tests.unit.reports.asked import changed, fact, made, table
from tests.unit.reports.building import declared, key, micros


def said(name: str, **document: Any) -> Snapshot:
    """The company, with another document of something."""
    seen = company.snapshot()
    thing = next(one for one in seen.things.values() if one.key.name == name)
    return changed(seen, replace(thing, document={**thing.document, **document}))


def of_data(name: str, **block: Any) -> Snapshot:
    """The company, with more said of a dataset's personal data."""
    seen = company.snapshot()
    thing = seen.things[company.dataset(name)]
    told = {**thing.attributes.get("personalData", {}), **block}
    return changed(seen, replace(thing, attributes={**thing.attributes, "personalData": told}))


def activity(name: str, **document: Any) -> Thing:
    given = {"kind": "ProcessingActivity", "name": name, "role": "controller", **document}
    return declared(given, key(Kind.PROCESSING_ACTIVITY, name))


def test_a_stated_none_is_an_answer_and_silence_is_a_gap() -> None:
    """Of recipients `[]` completes the record; of purposes it does not."""
    whole = {"controllers": [{"name": "x"}], "dpoRequired": False, "purposes": ["p"], "subjectCategories": ["s"]}
    whole |= {"dataCategories": ["d"], "erasure": [{"category": "*", "duration": "P1Y"}], "securityMeasures": ["m"]}
    none: dict[str, Any] = {"jointControllers": [], "representatives": [], "recipients": [], "transfers": []}
    seen = changed(
        company.snapshot(),
        activity("a", **whole, **none),
        activity("b", **whole),
        activity("c", **{**whole, **none, "purposes": []}),
    )

    rows = {row[0]: row[2:4] for row in table(made("gdpr-art30", seen), "Activities")}

    assert ("11 of 11 (100 %)", "") == rows["a"]
    assert "7 of 11 (63 %)" == rows["b"][0]
    assert ("10 of 11 (90 %)", "Purposes") == rows["c"]


def test_recipients_and_countries_differ_in_both_directions() -> None:
    """What the lineage shows and nobody declared, and what is declared and no lineage shows."""
    named = [{"name": "MAILING  service"}, {"name": "printer"}]
    seen = said("reminders", recipients=named, transfers=[{"country": "CH", "mechanism": "adequacy"}])
    report = made("gdpr-art30", seen, activity="reminders")

    assert {"MAILING  service": "", "printer": "on record, but no lineage shows it"} == {
        row[0]: row[3] for row in table(report, "Recipients: on record and in the lineage")
    }
    assert {
        "CH": "on record, but no lineage shows it",
        "US": "the lineage shows it, but it is not on record",
    } == {row[0]: row[3] for row in table(report, "Third countries: on record and in the lineage")}


def test_a_job_that_belongs_to_an_activity_by_either_document_is_on_record() -> None:
    """The activity may name the pipeline as well."""
    named = [{"namespace": "airflow", "name": "export_lab"}]
    seen = said("patient-care", pipelines=named)

    before, after = (
        {row[0] for row in table(made("gdpr-art30", one), "Jobs that touch personal data and are on no record")}
        for one in (company.snapshot(), seen)
    )

    assert {"copy_to_us", "count_visits", "export_lab"} == before
    assert {"copy_to_us", "count_visits"} == after


def test_disclosures_are_those_of_the_period() -> None:
    """A flow that ended before it, or began after it, is left out and counted; one of unknown times is in."""
    seen = company.snapshot()
    undated = replace(seen, edges=tuple(Edge(*edge[:4]) for edge in seen.edges))

    inside = made("hipaa-disclosures", seen, **{"from": "2026-02-01"})
    before = made("hipaa-disclosures", seen, **{"from": "2020-01-01", "to": "2024-12-31"})
    unknown = made("hipaa-disclosures", undated, **{"from": "2020-01-01", "to": "2024-12-31"})

    left = "Ways out that were left out, since they are known not to fall into the period"
    assert [0, 4, 0] == [fact(report, left) for report in (inside, before, unknown)]
    assert "2020-03-01 to 2026-03-01" == fact(made("hipaa-disclosures"), "Period")
    assert any("When data went there is not known" in told for told in unknown.unknown)


@pytest.mark.parametrize(
    ("agreement", "holds"),
    [
        ({"type": "baa", "signed": "2026-03-01"}, "yes"),
        ({"type": "baa", "signed": "2026-03-02"}, "no"),
        ({"type": "baa", "signed": "2024-01-01", "expires": "2026-03-01"}, "no"),
        ({"type": "baa", "reference": "7"}, "no"),
        ({"type": "dpa", "signed": "2024-01-01"}, "no"),
    ],
)
def test_an_agreement_counts_while_it_is_signed_and_has_not_ended(agreement: dict[str, str], holds: str) -> None:
    """Without a date of signature it is not signed; another law's contract is none of this one's."""
    seen = said("audience", recipient={"name": "Mailing service", "agreements": [agreement]})

    rows = table(made("hipaa-disclosures", seen), "Agreements of the HIPAA")

    assert holds == next(row[4] for row in rows if row[0] == "Mailing service")


def test_data_that_were_deidentified_are_not_followed_but_a_limited_data_set_is() -> None:
    """Beyond them nothing is disclosed; they are listed with their method."""
    for method, disclosed in (("safe_harbor", False), ("limited_data_set", True)):
        report = made("hipaa-disclosures", of_data("patient_360", deidentification={"method": method}))
        rows = table(report, "No exception is stated")

        assert disclosed is ("Mailing service" in {row[0] for row in rows})
        assert [] == [row for row in table(report, "De-identified (164.514), and not followed") if disclosed]


def test_the_inventory_covers_the_months_before_its_moment() -> None:
    """Months are those of the calendar, and what was not seen in them is told apart."""
    for months, first in (("12", "2025-03-01"), ("3", "2025-12-01"), ("0", "2026-03-01")):
        assert f"{first} to 2026-03-01" == fact(made("ccpa-inventory", months=months), "Period")
    leap = replace(company.snapshot(), at=micros("2024-03-31T00:00:00+00:00"))

    assert "2024-02-29 to 2024-03-31" == fact(made("ccpa-inventory", leap, months="1"), "Period")
    late = replace(company.snapshot(), at=micros("2028-03-01T00:00:00+00:00"))
    assert 6 == fact(made("ccpa-inventory", late), "Not seen in the period")


def test_every_category_of_the_statute_has_a_row() -> None:
    """Also those of which nothing is held; a word that the statute does not have is told as such."""
    seen = of_data("billing", ccpa={"categories": ["commercial", "shoe size"]})
    rows = table(made("ccpa-inventory", seen), "Inventory")

    assert list("ABCDEFGHIJKL") == [str(row[1])[-2] for row in rows if str(row[1]).startswith("1798")]
    assert [("shoe size", "billing"), ("not known", "noshow_training")] == [(row[0], row[2]) for row in rows[12:]]


def test_an_attestation_fills_what_no_field_states_until_its_review() -> None:
    """Afterwards the item is empty again, and the attestation is shown as out of date."""
    for review, filled in (("2026-12-01T00:00:00Z", True), ("2026-03-01T12:00:00Z", False)):
        document = {
            **{
                "kind": "Attestation",
                "name": "hardware",
                "statement": "It runs on any server.",
                "owner": "team:science",
            },
            **{"control": {"framework": "EU AI Act", "ref": "Annex IV(1)(e)"}, "date": "2026-01-01T00:00:00Z"},
            **{"review": review, "entities": [{"kind": "Model", "name": "noshow"}]},
        }
        seen = changed(company.snapshot(), declared(document, key(Kind.ATTESTATION, "hardware")))
        report = made("ai-act-annex-iv", seen)
        value = fact(report, "Hardware it is meant to run on (1(e))")

        assert ("It runs on any server. (attested: hardware)" if filled else None) == value
        empty = {row[0] for row in table(report, "What is empty, and where it is stated")}
        assert filled is ("Annex IV(1)(e)" not in empty)
        assert ["yes" if filled else "no, it is out of date"] == [row[5] for row in table(report, "Attested")]


def test_a_card_counts_the_versions_in_service_or_the_one_that_is_asked_for() -> None:
    """A version that nobody serves leaves the card of the model as it is."""
    label = "Versions that count: asked for, in service, or all"

    assert "noshow/2" == fact(made("model-card"), label)
    assert "noshow/1" == fact(made("model-card", model="noshow/1"), label)
    assert ("Evaluation data", "no") == table(made("model-card", model="noshow/1"), "Sections")[4][:2]
    assert ("Evaluation data", "yes") == table(made("model-card", model="noshow/2"), "Sections")[4][:2]


def test_lineage_goes_as_far_as_it_is_asked_and_says_where_it_ends() -> None:
    """Every step once, each with who says so; what lies beyond is counted."""
    near, far = (made("lineage-evidence", entity="visits", depth=depth) for depth in ("1", "9"))
    beyond = [told for told in near.unknown if told.startswith("`depth`")]

    assert ["`depth` leaves out what lies further downstream; the next there: 5."] == beyond
    assert [] == [told for told in far.unknown if told.startswith("`depth`")]
    found = next(section.blocks[0] for section in far.sections if section.id == "downstream")
    steps = found.rows if isinstance(found, Table) else ()
    assert len(steps) == len({row[1:4] for row in steps})
    assert {"events", "a manifest", "events, a manifest"} == {row[4] for row in steps}


def test_a_drawing_shows_what_a_page_can_and_counts_the_rest() -> None:
    """Of sixty copies the nearest are drawn."""
    seen = company.snapshot()
    copies = [
        declared({"kind": "Dataset", "namespace": "x", "name": f"copy{i:02}"}, key(Kind.DATASET, f"copy{i:02}", "x"))
        for i in range(60)
    ]
    edges = [Edge(company.dataset("visits"), one.id, "DERIVES_FROM") for one in copies]
    wide = replace(changed(seen, *copies), edges=(*seen.edges, *edges))
    report = made("lineage-evidence", wide, entity="visits")
    drawing = next(b for section in report.sections for b in section.blocks if isinstance(b, Lineage))

    assert 40 == len(drawing.nodes)
    assert 40 + drawing.left_out == 60 + 14
    assert "visits" in {node.label for node in drawing.nodes}


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("model-card", {}, "parameter 'model' of the report model-card is missing"),
        ("model-card", {"model": "noshw"}, "there is no model or model version 'noshw'; did you mean noshow"),
        ("lineage-evidence", {"entity": "visit"}, "there is no dataset or .* 'visit'; did you mean visits"),
        ("lineage-evidence", {"entity": "visits", "depth": "many"}, "'many'; it may be a whole number from 0 to 50"),
        ("lineage-evidence", {"entity": "visits", "depth": "51"}, "'51'; it may be a whole number from 0 to 50"),
        ("hipaa-disclosures", {"from": "2026-13-01"}, "'2026-13-01'; it may be a day such as 2026-03-01"),
        ("hipaa-disclosures", {"from": "2026-02-01", "to": "2026-01-01"}, "ends .2026-01-01. before it begins"),
        ("hipaa-disclosures", {"recipient": "insurr"}, "no disclosure to 'insurr' is known; did you mean insurer"),
        ("gdpr-art30", {"activity": "reminder"}, "no processing activity 'reminder'; did you mean reminders"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(name: str, asked: dict[str, str], words: str) -> None:
    """Parameters are checked, each error with what may be asked."""
    with pytest.raises(InvalidQuestion, match=words):
        content, seen = CONTENTS[name], company.snapshot()
        content.scope(asked)
        made(name, seen, **asked)


def test_a_name_that_several_things_have_is_not_guessed() -> None:
    """The error spells each of them so that it can be asked for."""
    twin = declared({"kind": "Dataset", "namespace": "x", "name": "visits"}, key(Kind.DATASET, "visits", "x"))
    seen = changed(company.snapshot(), twin)

    with pytest.raises(
        InvalidQuestion, match=r"may mean several: Dataset postgres://warehouse\.juniper\.example visits; "
    ):
        made("lineage-evidence", seen, entity="visits")
    assert "x" == fact(made("lineage-evidence", seen, entity="Dataset x visits"), "Namespace")
    assert "visits (x)" in {row[1] for row in table(made("policy-compliance", seen), "Sets")}


def test_reports_and_policies_agree() -> None:
    """Judged by the packs that are shipped: who is on no record, what a document lacks, and numbers that add up."""
    seen = company.snapshot()
    chosen, wrong = choose(seen, ["ai-act", "gdpr", "ml"], engine())
    judged = evaluate(seen, chosen)
    record, card = made("gdpr-art30", seen, judged), made("model-card", seen, judged, model="noshow")

    def found(policy: str) -> set[str]:
        return {seen.things[one.place.thing].key.name for one in judged.findings if one.policy == policy}

    assert [] == wrong
    alone = {row[0] for row in table(record, "Jobs that touch personal data and are on no record")}
    assert found("gdpr.job.activity") == alone
    differs = {row[0] for row in table(record, "Activities") if row[5]}
    names = ("undeclared_recipient", "unseen_recipient", "undeclared_country", "unseen_country")
    assert differs == {name for policy in names for name in found(f"gdpr.activity.{policy}")}
    incomplete = {row[1] for row in table(card, "Sections")} != {"yes"}
    assert incomplete is bool(found("ml.model.card"))
    for _, selected, *counts in record.populations:
        assert selected == sum(int(count or 0) for count in counts)
