"""Contracts of the Open Data Contract Standard: what is read and written again is what it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.lineage.canonical import canonical as json_of
from catalog.manifest.canonical import canonical
from catalog.manifest.documents.shape import resolve
from catalog.manifest.files import read_pieces
from catalog.manifest.odcs.reading import NoContract, read_contract
from catalog.manifest.odcs.servers import dataset_of
from catalog.manifest.odcs.writing import VERSION, write_contract
from tests.corpus import HERE

FILES = sorted((HERE / "odcs").rglob("*.odcs.yaml"))
SETS = {"tags", "customProperties", "slaProperties", "members", "team", "quality", "servers", "roles", "support"}
LEAST = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "orders", "version": "1.0.0", "status": "active"}
Json = dict[str, Any]


def of_file(path: Path) -> Json:
    (piece,) = read_pieces(path, [])
    loaded: Json = resolve(piece.value)
    return loaded


def normal(value: Any, key: str = "") -> Any:
    """The same without the order of lists that are sets."""
    if isinstance(value, dict):
        return {name: normal(part, name) for name, part in value.items()}
    if isinstance(value, list):
        parts = [normal(part) for part in value]
        return sorted(parts, key=lambda part: json.dumps(part, sort_keys=True)) if key in SETS else parts
    return value


def stored(document: Json) -> Json:
    """What the catalog gives back of a document: its canonical JSON."""
    kept: Json = json.loads(json_of(canonical(document)))
    return kept


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".odcs.yaml"))
def test_real_contracts_come_back_whole(path: Path) -> None:
    """Read, kept in the catalog and written again, a contract is what it was, but for the order of sets."""
    source = of_file(path)

    document = stored(read_contract(source).document)

    assert normal(source) == normal(write_contract(document))
    assert document == stored(read_contract(write_contract(document)).document)


def test_every_version_of_the_standard_that_there_is_was_tried() -> None:
    """The corpus has all the minor versions that are read without a note."""
    assert 18 == len(FILES)
    assert {"v3.0.0", "v3.0.2", "v3.1.0"} == {of_file(path)["apiVersion"] for path in FILES}


def test_what_both_know_has_one_place() -> None:
    """Columns, types, keys, tags, service levels and people stand where the catalog looks for them."""
    path = next(path for path in FILES if path.name.startswith("full-example"))

    read = read_contract(of_file(path))
    document = canonical(read.document)
    table, receivers = document["schema"]

    assert ("53581432-6c55-4ba2-a65f-72344a91553a", "domain:seller") == (document["name"], document["domain"])
    assert {"namespace": "postgres://localhost:5432", "name": "pypl-edw.pp_access_views.tbl_1"} == table["dataset"]
    assert ["transaction_reference_date", "rcvr_id", "rcvr_cntry_code"] == [one["name"] for one in table["properties"]]
    assert ["tag:finance", "tag:payments"] == table["tags"]
    assert receivers["properties"][0]["required"]
    assert {"property": "retention", "value": 3, "unit": "y", "element": "tab1.txn_ref_dt"} in document["slaProperties"]
    assert {"ceastwood", "mhopper", "daustin"} == {one["username"] for one in document["team"]}
    assert {Kind.DOMAIN, Kind.DATA_PRODUCT, Kind.TAG} == {key.kind for key in read.words}
    assert Key(Kind.TAG, "", "master-data") in read.words


def test_what_only_we_know_survives_a_file_of_the_standard() -> None:
    """A contract that was written here is the same after it was an ODCS file."""
    column = {"name": "id", "physicalType": "bigint", "terms": ["term:order"], "primaryKey": True}
    nested = {"name": "lines", "items": {"name": "[]", "properties": [{"name": "sku", "custom": {"a": [1, {"b": 2}]}}]}}
    document = stored(
        {
            "kind": "Contract",
            "name": "orders",
            "version": "1.0.0",
            "description": "What the shop promises.",
            "owners": ["team:orders"],
            "tags": ["tag:finance", {"tag": "tag:keep", "value": "30d"}],
            "classification": "restricted",
            "retention": {"duration": "P2Y"},
            "custom": {"wiki": "https://wiki.example.com", "odcs-like": {"x": 1}},
            "team": [{"username": "7f3a", "role": "owner"}],
            "schema": [
                {"name": "orders", "dataset": {"namespace": "a", "name": "b"}, "properties": [column, nested]},
                {"name": "empty"},
            ],
        }
    )

    written = write_contract(document)

    assert (VERSION, "DataContract", "orders") == (written["apiVersion"], written["kind"], written["id"])
    assert {"members": [{"username": "7f3a", "role": "owner"}]} == written["team"]
    assert {"property": "headwater.owners", "value": ["team:orders"]} in written["customProperties"]
    assert document == without_form(stored(read_contract(written).document))


def without_form(document: Json) -> Json:
    """A contract without the note of which version and form its file had."""
    custom = {name: value for name, value in document.get("custom", {}).items() if name != "odcs"}
    rest = {name: value for name, value in document.items() if name != "custom"}
    return {**rest, "custom": custom} if custom else rest


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ([], "no ODCS document"),
        ({**LEAST, "apiVersion": "v2.2.2"}, "ODCS 2.x is another format"),
        ({**LEAST, "apiVersion": "v4.0.0"}, "newer than ODCS 3.x"),
        ({**LEAST, "apiVersion": "three"}, "no version of ODCS; expected v3.x"),
        ({"dataContractSpecification": "1.1.0", "id": "x"}, "superseded by ODCS"),
        ({**LEAST, "kind": "Table"}, "kind 'Table': expected DataContract"),
        ({**LEAST, "id": ""}, "no `id`"),
        ({**LEAST, "id": " x "}, "spaces at an end"),
        ({**LEAST, "version": 1}, "no `version`"),
    ],
)
def test_what_is_no_contract_is_told_so(source: Any, words: str) -> None:
    """A file of another format or version is refused with what to do."""
    with pytest.raises(NoContract) as refused:
        read_contract(source)

    assert words in str(refused.value)


def test_a_newer_minor_version_is_read_with_a_note() -> None:
    """What a newer version brings is kept as it is."""
    read = read_contract({**LEAST, "apiVersion": "v3.2.0", "context": {"a": [1]}})

    assert ("apiVersion v3.2.0: newer than what was tried",) == read.notes
    assert {"a": [1]} == write_contract(stored(read.document))["context"]


KEYS = [
    *("name", "tags", "schema", "properties", "items", "quality", "team", "members", "servers", "server", "type"),
    *("property", "value", "customProperties", "description", "purpose", "domain", "custom", "dataset", "terms"),
    *("slaProperties", "roles", "price", "required", "classification", "username", "settings", "headwater.owners"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_nothing_is_lost_however_odd_it_is(parts: Json) -> None:
    """Whatever stands where the standard has something else comes back as it was."""
    source = {**LEAST, **parts}

    document = read_contract(source).document

    assert normal(source) == normal(write_contract(json.loads(json.dumps(document))))


@pytest.mark.parametrize(
    ("server", "dataset"),
    [
        ({"type": "postgres", "host": "h", "port": 1, "database": "d", "schema": "s"}, ("postgres://h:1", "d.s.t")),
        ({"type": "mysql", "host": "h", "database": "d"}, ("mysql://h:3306", "d.t")),
        ({"type": "kafka", "host": "a:1,b:2"}, ("kafka://a:1", "t")),
        ({"type": "bigquery", "project": "p", "dataset": "d"}, ("bigquery", "p.d.t")),
        ({"type": "snowflake", "account": "a", "database": "d", "schema": "s"}, ("snowflake://a", "d.s.t")),
        ({"type": "postgres", "host": "h"}, None),
        ({"type": "azure"}, None),
    ],
)
def test_a_table_is_the_dataset_that_its_server_says(server: Json, dataset: tuple[str, str] | None) -> None:
    """One server that says enough names the dataset as events do; several, or less, name none."""
    wanted = dataset and {"namespace": dataset[0], "name": dataset[1]}

    assert wanted == dataset_of([{"server": "x", **server}], {"name": "T", "physicalName": "t"})
    assert dataset_of([server, server], {"name": "t"}) is None
