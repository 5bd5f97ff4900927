"""`headwater import odcs` and `headwater contract export`, without a service: files in, files out."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from catalog.assets.keys import Key, Kind
from catalog.cli.main import main
from catalog.manifest.load import load
from catalog.manifest.odcs.files import as_yaml, read_file
from catalog.manifest.odcs.writing import write_contract
from tests.unit.test_odcs import FILES, LEAST, normal, of_file, stored

FULL = next(path for path in FILES if path.name.startswith("full-example"))
ID = "53581432-6c55-4ba2-a65f-72344a91553a"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_real_contracts_become_a_manifest_that_is_valid_and_come_back(tmp_path: Path) -> None:
    """What is imported can be loaded without a fault, words included; exported from there it is what it was."""
    chosen = list({of_file(path)["id"]: path for path in FILES}.values())
    done = run("import", "odcs", *chosen, "--output", tmp_path / "new", "--json")
    loaded = load(tmp_path / "new")

    assert (0, []) == (done.exit_code, loaded.problems), done.output
    assert {of_file(path)["id"] for path in chosen} == set(json.loads(done.stdout)["contracts"])
    for path in chosen:
        source = of_file(path)
        written = run("contract", "export", source["id"], "--from", tmp_path / "new", "--json")
        assert normal(source) == normal(json.loads(written.stdout)), path


def test_every_reader_of_yaml_sees_the_same(tmp_path: Path) -> None:
    """Dates and words like `no` are quoted; the file that is written is read as it was."""
    run("import", "odcs", FULL, "--output", tmp_path / "new")
    file = tmp_path / "out.odcs.yaml"
    done = run("contract", "export", ID, "--from", tmp_path / "new", "--output", file)
    (again,), problems = read_file(file)

    assert (0, [], ID) == (done.exit_code, problems, again.document["name"])
    assert (
        normal(of_file(FULL))
        == normal(yaml.safe_load(file.read_text()))
        == normal(write_contract(stored(again.document)))
    )
    assert {"a": "no", "b": "2026-03-01"} == yaml.safe_load(as_yaml({"a": "no", "b": "2026-03-01"}))


def test_inside_a_manifest_only_what_it_lacks_is_declared(tmp_path: Path) -> None:
    """No second head, and no word twice: the manifest around stays one."""
    (tmp_path / "headwater.yaml").write_text("kind: Manifest\nname: shop\n")
    (tmp_path / "tags.yaml").write_text("kind: Tag\nname: finance\n")
    done = run("import", "odcs", FULL, "--output", tmp_path / "contracts")
    again = run("import", "odcs", FULL, "--output", tmp_path / "contracts")
    forced = run("import", "odcs", FULL, "--output", tmp_path / "contracts", "--force")
    loaded = load(tmp_path)

    assert (0, 1, 0) == (done.exit_code, again.exit_code, forced.exit_code), done.output
    assert ([], "shop") == (loaded.problems, loaded.manifest and loaded.manifest.name)
    assert Key(Kind.CONTRACT, "", ID) in {one.key for one in loaded.documents}
    assert not (tmp_path / "contracts" / "headwater.yaml").exists()


def test_all_faults_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    """Another version, no YAML, no contract, one id twice: each with its file, and what to do."""
    files = {
        "old.yaml": "apiVersion: v2.2.2\nkind: DataContract\nid: x\n",
        "odd.yaml": "a: [\n",
        "none.yaml": "",
        "one.yaml": json.dumps(LEAST),
        "two.yaml": json.dumps(LEAST),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = run("import", "odcs", *(tmp_path / name for name in files), "--output", tmp_path / "new")

    assert 1 == done.exit_code
    for words in ("old.yaml:1:1: apiVersion v2.2.2: ODCS 2.x is another format", "odd.yaml:", "holds no contract"):
        assert words in done.stderr
    assert "'orders' is in" in done.stderr and "4 problems" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_contract_that_is_not_there_exits_three(tmp_path: Path) -> None:
    """Unknown names are not found, as everywhere."""
    run("import", "odcs", FULL, "--output", tmp_path / "new")

    assert 3 == run("contract", "export", "nothing", "--from", tmp_path / "new").exit_code
