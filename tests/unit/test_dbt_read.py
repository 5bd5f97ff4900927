"""dbt's files as they are found: half-written, foreign, of other versions, missing, huge."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from catalog.cli.main import main
from catalog.errors import InvalidArtifact, InvalidSetting
from catalog.imports.dbt.artifacts import Artifacts, Manifest
from catalog.imports.dbt.mapping import make_facts, project_of
from catalog.imports.dbt.read import read_catalog, read_freshness, read_manifest, read_results, read_target
from catalog.imports.dbt.runs import run_events
from catalog.imports.dbt.tables import Tables
from catalog.imports.dbt.warehouse import freshness_events, table_events
from catalog.imports.facts import Facts
from catalog.lineage.producers.dbt import Naming
from catalog.lineage.wire import read as read_event
from tests import corpus
from tests.unit.dbt_facts import raw, unpacked

MANIFEST = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}, "nodes": {}}


def written(folder: Path, text: str | bytes, name: str = "manifest.json") -> Path:
    """A target folder with one file."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("{", "it ends in the middle, so its writer may not be done: run it again"),
        (json.dumps(MANIFEST)[:-20], "it ends in the middle"),
        ("[]", "a JSON array, not an object"),
        ("null", "a JSON null, not an object"),
        ("{'nodes': {}}", "it is not JSON"),
        ("\x00\x01", "it is not JSON"),
        ("{}", "is no artifact of dbt 0.19 or newer (it has no `metadata.dbt_schema_version`)"),
        ('{"metadata": []}', "is no artifact of dbt 0.19 or newer"),
        ('{"metadata": {"dbt_schema_version": "https://other.org/thing/v1.json"}}', "its schema is 'https://other.org"),
        (json.dumps(MANIFEST).replace("manifest", "catalog"), "is a dbt catalog and not a manifest"),
        (json.dumps({**MANIFEST, "nodes": []}), "`nodes` is no object; every dbt manifest v12 has one"),
        ('{"a":' * 300 + "1" + "}" * 300, "nested deeper than 200 levels"),
    ],
)
def test_a_file_that_is_no_manifest_says_what_it_is(tmp_path: Path, text: str, said: str) -> None:
    """Which file, what is wrong with it, what to do."""
    with pytest.raises(InvalidArtifact) as found:
        read_target(written(tmp_path, text))

    assert str(tmp_path / "manifest.json") in str(found.value)
    assert said in str(found.value)


def test_packed_files_are_read_and_broken_ones_told(tmp_path: Path) -> None:
    """gzip is read; half of it, and what is none, is said."""
    packed = gzip.compress(json.dumps(MANIFEST).encode())

    assert 12 == read_target(written(tmp_path, packed, "manifest.json.gz")).manifest.schema
    for broken, said in ((packed[:-12], "ends too early"), (b"no gzip", "is no gzip file")):
        with pytest.raises(InvalidArtifact, match=said):
            read_target(written(tmp_path, broken, "manifest.json.gz"))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """By its size on disk, and packed by what comes out: a bomb of gzip is cut off."""
    bomb = gzip.compress(b" " * 5_000_000)

    for name, text in (("manifest.json", b" " * 5_000), ("manifest.json.gz", bomb)):
        folder = tmp_path / name
        folder.mkdir()
        with pytest.raises(InvalidArtifact, match="can be read"):
            read_target(written(folder, text, name), most=4_000)


def test_a_folder_without_a_manifest_says_where_it_may_be(tmp_path: Path) -> None:
    """A project folder, an empty one, none at all."""
    with pytest.raises(InvalidArtifact, match=r"has no manifest\.json; run `dbt build`"):
        read_target(tmp_path)
    with pytest.raises(InvalidArtifact, match="is no folder"):
        read_target(tmp_path / "nowhere")
    (tmp_path / "target").mkdir()
    written(tmp_path / "target", json.dumps(MANIFEST))
    with pytest.raises(InvalidArtifact, match=r"has no manifest\.json, but .*target has; give that"):
        read_target(tmp_path)


def test_a_manifest_alone_is_enough_and_what_lacks_is_said(tmp_path: Path) -> None:
    """The others may be absent: each is noted with what is lost and what writes it."""
    unpacked("corner_shop", tmp_path)
    for name in ("catalog.json", "run_results.json", "sources.json"):
        (tmp_path / name).unlink()

    found = read_target(tmp_path)

    assert (None, None, None) == (found.catalog, found.results, found.freshness)
    assert ["no catalog.json", "no run_results.json", "no sources.json"] == [n.partition(":")[0] for n in found.notes]


def test_a_newer_version_is_read_and_said(tmp_path: Path) -> None:
    """What a new version adds is not looked at; the report says that it was not known."""
    newer = json.dumps(MANIFEST).replace("v12", "v31")

    assert "manifest.json has schema v31, newer than v12" in " ".join(read_target(written(tmp_path, newer)).notes)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], {"a": None}, True])
def test_members_of_any_type_cost_nothing_but_themselves(value: Any) -> None:
    """Whatever stands where a member should be, the rest is read: no artifact makes an importer fall over."""
    manifest = raw("corner_shop")
    some = (
        "model.corner_shop.revenue.v2",
        "source.corner_shop.till.sales",
        "test.corner_shop.not_null_stg_sales_sale_id.6b07c53929",
    )
    manifest = {**manifest, **{part: _only(manifest[part], some) for part in ("nodes", "sources")}}
    for id_ in some:
        listed = manifest["nodes"] if id_ in manifest["nodes"] else manifest["sources"]
        for member in list(listed[id_]):
            kept = listed[id_][member]
            listed[id_][member] = value
            found = read_manifest(manifest)
            tables = Tables(found, "corner_shop", "warehouse", "dbt", Naming.BUILD)
            make_facts(_alone(found), tables)
            listed[id_][member] = kept
    for member in list(manifest):
        if member not in ("nodes", "metadata"):
            found = read_manifest({**manifest, member: value})
            make_facts(_alone(found), Tables(found, "corner_shop", "warehouse", "dbt", Naming.BUILD))


def _only(listed: dict[str, Any], ids: tuple[str, ...]) -> dict[str, Any]:
    return {id_: node for id_, node in listed.items() if id_ in ids}


def _alone(manifest: Manifest) -> Artifacts:
    return Artifacts(manifest, None, None, None, ())


@pytest.mark.parametrize("name", corpus.DBT_PROJECTS)
def test_the_project_is_known_in_every_version(name: str) -> None:
    """By its name, by the hash of it, or since there is one package only."""
    manifest = raw(name)
    packages = {node["package_name"] for node in manifest["nodes"].values()}

    assert project_of(read_manifest(manifest)) in packages


def test_a_project_that_cannot_be_known_is_asked_for() -> None:
    """Two packages, no name and no hash of it: no guess."""
    manifest = replace(read_manifest(raw("openlineage/built")), project_id="")

    with pytest.raises(InvalidSetting, match=r"packages: dbt_bigquery_test, snapshot_test\); say --project NAME"):
        project_of(manifest)
    assert "snapshot_test" == project_of(manifest, "snapshot_test")


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [None], {"a": None}, True])
@pytest.mark.parametrize("name", ["run_results.json", "catalog.json", "sources.json"])
def test_members_of_results_of_any_type_cost_nothing_but_themselves(name: str, value: Any) -> None:
    """As for the manifest; events made of what is left are still events."""
    manifest = read_manifest(raw("corner_shop"))
    tables = Tables(manifest, "corner_shop", "warehouse", "dbt", Naming.BUILD)
    whole = raw("corner_shop", name)
    for path in _paths(whole):
        mutated = json.loads(json.dumps(whole))
        _put(mutated, path, value)
        found = Artifacts(
            manifest,
            read_catalog(mutated) if name == "catalog.json" else None,
            read_results(mutated) if name == "run_results.json" else None,
            read_freshness(mutated) if name == "sources.json" else None,
            (),
        )
        for make in (run_events, table_events, freshness_events):
            for event in make(found, tables, Facts("", "")):
                read_event(event)


def _paths(whole: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Where something stands in the first members of an artifact."""
    parts: list[tuple[tuple[Any, ...], Any]] = [((name,), whole[name]) for name in whole if name != "args"]
    found = []
    while parts:
        path, part = parts.pop()
        found.append(path)
        if len(path) > 4:
            continue
        if isinstance(part, dict):
            parts += [((*path, name), part[name]) for name in list(part)[:6]]
        elif isinstance(part, list) and part:
            parts.append(((*path, 0), part[0]))
    return found


def _put(whole: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        whole = whole[step]
    whole[path[-1]] = value


@pytest.mark.parametrize("command", ["generate", "compile", "list"])
def test_a_command_that_runs_nothing_has_no_runs(tmp_path: Path, command: str) -> None:
    """`dbt docs generate` and others leave results, too; nothing was carried out, and that is said."""
    unpacked("corner_shop", tmp_path)
    results = raw("corner_shop", "run_results.json")
    results["args"]["which"] = command
    written(tmp_path, json.dumps(results), "run_results.json")
    artifacts = read_target(tmp_path)

    facts = make_facts(artifacts, Tables(artifacts.manifest, "corner_shop", "warehouse", "dbt", Naming.BUILD))

    assert [] == [event for event in facts.events if "freshness" not in str(event) and "run" in event]
    assert f"run_results.json is of `dbt {command}`, which runs nothing: no runs in it" in facts.notes


def test_the_command_says_what_is_wrong_without_asking_anybody(tmp_path: Path) -> None:
    """No service is needed to hear of a folder without a manifest, as text and as JSON."""
    for options in ((), ("--json",)):
        done = CliRunner().invoke(main, ["import", "dbt", str(tmp_path), *options])

        assert 1 == done.exit_code
        assert "has no manifest.json; run `dbt build`" in done.stderr
        if options:
            assert "INVALID_ARTIFACT" == json.loads(done.stdout)["error"]["code"]
