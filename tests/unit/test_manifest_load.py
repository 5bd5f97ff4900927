"""Reading manifests: values as people mean them, heads and defaults, and nothing that makes it fall."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.manifest.canonical import canonical
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.load import Loaded, load

EXAMPLES = Path(__file__).parents[2] / "docs" / "manifests" / "examples"
TEXTS = [path.read_text("utf-8") for path in sorted(EXAMPLES.glob("*.yaml"))]


def loaded(folder: Path, **files: str) -> Loaded:
    """What is read of a directory with these files."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".json" if text.lstrip().startswith(("{", "[")) else ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load(folder)


def only(found: Loaded) -> dict[str, Any]:
    assert [] == found.problems
    (document,) = found.documents
    return document.body


TRAPS = [
    "no",
    "on",
    "012",
    "0o17",
    "0x1F",
    "1_000",
    "1:30",
    "1.10",
    "2026-03-01",
    "1e3",
    "Yes",
    "TRUE",
    "7",
    "=",
    ".inf",
]


@pytest.mark.parametrize("written", TRAPS)
def test_a_text_stays_what_was_written(tmp_path: Path, written: str) -> None:
    """What YAML 1.1 would make a truth value, a number or a date of is a text where a text is wanted."""
    body = only(loaded(tmp_path, a=f"kind: Team\nname: {written}\ndescription: {written}\n"))

    assert {"kind": "Team", "name": written, "description": written} == body


def test_values_of_no_fixed_type_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    """In `custom` only true, false, null and decimal numbers are no texts, and quotes make a text of them too."""
    text = (
        "kind: Team\nname: a\ncustom: {a: no, b: 1.10, c: 0x1f, d: null, e: 12, f: true, g: 1:30, h: 2026-03-01, "
        "i: '12', j: [1, null, on], k: 1e400, l: 99999999999999999999, m: 010}\n"
    )
    expected = {
        **{"a": "no", "b": 1.1, "c": "0x1f", "e": 12, "f": True, "g": "1:30", "h": "2026-03-01"},
        **{"i": "12", "j": [1, None, "on"], "k": "1e400", "l": "99999999999999999999", "m": "010"},
    }

    assert expected == only(loaded(tmp_path, a=text))["custom"]


def test_stated_none_is_not_unstated(tmp_path: Path) -> None:
    """An empty list stands where it states something, and goes where it says nothing; an empty key says nothing."""
    text = "kind: ProcessingActivity\nname: a\ntransfers: []\nrecipients:\nowners: []\npersonalData: {categories: []}\n"

    expected = {"kind": "ProcessingActivity", "name": "a", "transfers": [], "personalData": {"categories": []}}
    assert expected == only(loaded(tmp_path, a=text))


def test_how_it_is_written_makes_no_difference(tmp_path: Path) -> None:
    """Order and repetition in sets, bare names, defaults, empty blocks, times in other zones: one canonical form."""
    one = (
        "kind: Waiver\nname: w\npolicy: p\nentities: [team:b, {namespace: n, name: d}, team:a]\napprover: team:x\n"
        "reason: r\nexpires: 2026-03-01\n"
    )
    two = (
        "reason: r\nexpires: 2026-03-01T01:00:00+01:00\napprover: team:x\npolicy: policy:p\nlocation: {}\n"
        "entities: [team:a, team:b, team:a, {kind: Dataset, name: d, namespace: n}]\ntags: []\nname: w\nkind: Waiver\n"
    )

    assert only(loaded(tmp_path / "one", a=one)) == only(loaded(tmp_path / "two", a=two))


def test_json_reads_as_yaml_does(tmp_path: Path) -> None:
    """The same documents as a JSON array, escaped characters and tabs included, are the same documents."""
    found = load(EXAMPLES)
    text = json.dumps([document.body for document in found.documents], indent="\t", ensure_ascii=True)
    again = loaded(tmp_path, all=text, odd='{"kind": "Team", "name": "\\ud83d\\ude00"}')

    assert [] == again.problems
    odd = Key(Kind.TEAM, "", "😀")
    assert {d.key: d.body for d in found.documents} == {d.key: d.body for d in again.documents if d.key != odd}
    assert odd in {document.key for document in again.documents}


def test_a_head_chooses_files_and_gives_defaults(tmp_path: Path) -> None:
    """`include` and `exclude` by path; a document's own field counts before its kind's, that before all kinds'."""
    head = (
        "kind: Manifest\nname: shop\ninclude: [teams/**/*.yaml, data/]\nexclude: [data/old/]\n"
        "defaults:\n  '*': {lifecycle: production, tier: 3}\n  Dataset: {tier: 2, owners: [team:a]}\n"
    )
    found = loaded(
        tmp_path,
        headwater=head,
        teams__deep__a="kind: Team\nname: a\n",
        data__one="kind: Dataset\nnamespace: n\nname: one\n",
        data__two="kind: Dataset\nnamespace: n\nname: two\ntier: 1\n",
        data__old__gone="not: read\n",
        stray="not: read\n",
        **{".hidden__x": "not: read\n"},
    )
    shown = {d.key.name: (d.body.get("tier"), d.body.get("owners"), d.body["lifecycle"]) for d in found.documents}

    assert [] == found.problems
    assert found.manifest is not None and "shop" == found.manifest.name
    assert {
        "a": (3, None, "production"),
        "one": (2, ["team:a"], "production"),
        "two": (1, ["team:a"], "production"),
    } == shown


def test_levels_that_another_manifest_declares(tmp_path: Path) -> None:
    """The head's `classificationLevels` are those that a classification may have."""
    head = "kind: Manifest\nname: shop\nclassificationLevels: [open, closed]\n"

    assert (
        "closed"
        == only(loaded(tmp_path, headwater=head, a="kind: Team\nname: a\nclassification: closed\n"))["classification"]
    )


def test_a_schema_line_is_for_editors_alone(tmp_path: Path) -> None:
    """`$schema` says nothing of the entity, so it is not stored."""
    text = "$schema: http://127.0.0.1:5000/schema/manifest/v1/Team.json\nkind: Team\nname: a\n"

    assert {"kind": "Team", "name": "a"} == only(loaded(tmp_path, a=text))


def test_a_faulty_document_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    """What is wrong between documents is told of those with faults of their own too."""
    text = "kind: Team\nname: a\nowmers: []\nclassification: pubic\nparent: team:a\n"

    assert [(3, "owners"), (4, "public"), (5, "")] == [
        (problem.line, problem.nearest) for problem in loaded(tmp_path, a=text).problems
    ]


def test_aliases_that_stay_small_are_fine(tmp_path: Path) -> None:
    """An anchor saves writing, also across the fields of a document."""
    text = "kind: Team\nname: a\nmembers: &m [person:x, person:y]\ncustom: {again: *m}\n"

    assert ["person:x", "person:y"] == only(loaded(tmp_path, a=text))["custom"]["again"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(TEXTS), st.data())
def test_nothing_that_stands_in_a_file_makes_it_fall(tmp_path: Path, text: str, data: st.DataObject) -> None:
    """A damaged example gives problems with places, or loads; it never raises."""
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 30))
    damaged = text[:at] + data.draw(st.text(max_size=8)) + text[at + length :]
    path = tmp_path / data.draw(st.sampled_from(["a.yaml", "a.json"]))
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))

    for problem in load(path).problems:
        assert str(path) == problem.file
        assert 1 <= problem.line <= damaged.count("\n") + damaged.count("\r") + 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(Kind)), st.data())
def test_what_a_document_is_made_of_is_read_or_refused(kind: Kind, data: st.DataObject) -> None:
    """Of any JSON values in a kind's fields comes a document whose canonical form is stable, or a refusal."""
    names = [field.alias or name for name, field in DOCUMENTS[kind].model_fields.items()]
    body = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    try:
        found = canonical({"namespace": "n", "name": "x", **body, "kind": str(kind)})
    except ValueError:
        return

    assert found == canonical(found)
