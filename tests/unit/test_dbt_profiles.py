"""Where a dbt project's tables are: spelled as dbt's OpenLineage wrapper does, or an error that says what to give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import InvalidArtifact, InvalidSetting
from catalog.imports.dbt.profiles import Wanted, find_place, namespace_of
from tests import corpus

PROFILES = """
shop:
  target: prod
  outputs:
    prod: {type: postgres, host: db, port: 5432, password: "{{ env_var('SECRET') }}"}
    dev: {type: postgres, host: "{{ env_var('DB_HOST', 'localhost') }}", port: "{{ env_var('PORT') | as_number }}"}
    lake: {type: spark, method: thrift, host: lake}
"""


def project(folder: Path, profiles: str = PROFILES, name: str = "shop") -> Path:
    """A project folder with its profiles; its target folder."""
    (folder / "dbt_project.yml").write_text(f"name: anything\nprofile: {name}\n")
    (folder / "profiles.yml").write_text(profiles)
    (folder / "target").mkdir()
    return folder / "target"


# What `extract_namespace` of openlineage-dbt 1.54.0 makes of the same targets.
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"type": "postgres", "host": "db", "port": 5432}, "postgres://db:5432"),
        ({"type": "redshift", "host": "r.example.org", "port": "5439"}, "redshift://r.example.org:5439"),
        ({"type": "clickhouse", "host": "c", "port": 8123}, "clickhouse://c:8123"),
        ({"type": "trino", "host": "t", "port": 8080}, "trino://t:8080"),
        ({"type": "presto", "host": "t", "port": 8080}, "presto://t:8080"),
        ({"type": "watsonx_presto", "host": "t", "port": 8080}, "presto://t:8080"),
        ({"type": "databricks", "host": "x.cloud.databricks.com", "port": 1}, "databricks://x.cloud.databricks.com"),
        ({"type": "sqlserver", "server": "s", "port": 1433}, "mssql://s:1433"),
        ({"type": "fabric", "server": "f"}, "fabric-warehouse://f"),
        ({"type": "fabric", "server": "f", "port": 1433}, "fabric-warehouse://f:1433"),
        ({"type": "dremio", "software_host": "d", "port": 9047}, "dremio://d:9047"),
        ({"type": "athena", "region_name": "eu-west-1"}, "awsathena://athena.eu-west-1.amazonaws.com"),
        ({"type": "glue", "region": "eu-west-1", "account_id": "42"}, "arn:aws:glue:eu-west-1:42"),
        ({"type": "glue", "region": "e", "role_arn": "arn:aws:iam::42:role/x"}, "arn:aws:glue:e:42"),
        ({"type": "duckdb", "path": "/data/shop.duckdb"}, "duckdb:///data/shop.duckdb"),
        ({"type": "bigquery", "project": "p"}, "bigquery"),
        ({"type": "spark", "method": "thrift", "host": "s"}, "spark://s:10001"),
        ({"type": "spark", "method": "http", "host": "s"}, "spark://s:443"),
        ({"type": "spark", "method": "odbc", "host": "s", "port": 7}, "spark://s:7"),
        ({"type": "snowflake", "account": "org-account"}, "snowflake://org-account"),
        ({"type": "snowflake", "account": "org-account.eu-west-1.aws"}, "snowflake://org-account"),
        ({"type": "snowflake", "account": "xy12345"}, "snowflake://xy12345.us-west-1.aws"),
        ({"type": "snowflake", "account": "xy12345.us-east-1"}, "snowflake://xy12345.us-east-1.aws"),
        ({"type": "snowflake", "account": "xy12345.east-us-2.azure"}, "snowflake://xy12345.east-us-2.azure"),
    ],
)
def test_a_target_names_its_tables_as_the_wrapper_does(output: dict[str, Any], expected: str) -> None:
    """One spelling for events and artifacts: anything else would be a second node."""
    assert expected == namespace_of(output, {})


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"type": "postgres", "host": "db"}, "its target has no `port`"),
        ({"type": "duckdb"}, "its target has no `path`"),
        ({"type": "spark", "method": "session", "host": "s"}, "connection method 'session'"),
        ({"type": "glue", "region": "e", "role_arn": "nonsense"}, "has no account"),
        ({"type": "oracle", "host": "o"}, "no name for the adapter 'oracle'"),
        ({}, "no name for the adapter"),
        ({"type": "postgres", "host": "{{ env_var('NOWHERE') }}", "port": 1}, "NOWHERE, which is not set"),
        ({"type": "postgres", "host": "{{ var('x') }}", "port": 1}, "a template that only dbt can fill in"),
    ],
)
def test_what_cannot_be_known_is_asked_for(output: dict[str, Any], said: str) -> None:
    """No guess: the error says what is missing and that --namespace helps."""
    with pytest.raises(InvalidSetting) as found:
        namespace_of(output, {})

    assert said in str(found.value)
    assert "--namespace" in str(found.value)


@pytest.mark.parametrize(
    ("wanted", "environ", "expected"),
    [
        (Wanted(), {}, "postgres://db:5432"),
        (Wanted(target="dev"), {"PORT": "6"}, "postgres://localhost:6"),
        (Wanted(target="dev"), {"PORT": "6", "DB_HOST": "x"}, "postgres://x:6"),
    ],
)
def test_the_profile_beside_the_target_folder_is_read(
    tmp_path: Path, wanted: Wanted, environ: Mapping[str, str], expected: str
) -> None:
    """Its default target or the wanted one, with the variables it asks for; secrets are not even looked at."""
    place = find_place(project(tmp_path), "postgres", wanted, environ)

    assert expected == place.namespace
    assert "profiles.yml" in place.known_by


def test_a_profile_is_looked_for_where_dbt_does(tmp_path: Path) -> None:
    """--profiles-dir, then DBT_PROFILES_DIR, then the project, then ~/.dbt."""
    places = {}
    for name in ("told", "variable", "home/.dbt"):
        places[name] = tmp_path / name
        places[name].mkdir(parents=True)
        host = name.replace("/", "_")
        (places[name] / "profiles.yml").write_text(
            f"shop: {{target: a, outputs: {{a: {{type: postgres, host: {host}, port: 1}}}}}}"
        )
    (tmp_path / "project").mkdir()
    target = project(tmp_path / "project")
    environ = {"HOME": str(tmp_path / "home")}

    def found(wanted: Wanted, **more: str) -> str:
        return find_place(target, "postgres", wanted, {**environ, **more}).namespace

    variable = str(places["variable"])
    assert "postgres://told:1" == found(Wanted(profiles_dir=places["told"]), DBT_PROFILES_DIR=variable)
    assert "postgres://variable:1" == found(Wanted(), DBT_PROFILES_DIR=variable)
    assert "postgres://db:5432" == found(Wanted())
    (tmp_path / "project/profiles.yml").unlink()
    assert "postgres://home_.dbt:1" == found(Wanted())


@pytest.mark.parametrize(
    ("adapter", "wanted", "said"),
    [
        ("snowflake", Wanted(), "target 'prod' of profile 'shop' is postgres; say --target"),
        ("postgres", Wanted(target="stage"), "has no target 'stage' (it has dev, lake, prod)"),
        ("postgres", Wanted(profile="other"), "has no profile 'other'"),
        ("postgres", Wanted(profiles_dir=Path("/nowhere")), "there is no profiles.yml in it"),
    ],
)
def test_a_profile_that_does_not_fit_is_no_guess(tmp_path: Path, adapter: str, wanted: Wanted, said: str) -> None:
    """Another adapter, an unknown target or profile: said, with what there is."""
    with pytest.raises(InvalidSetting) as found:
        find_place(project(tmp_path), adapter, wanted, {})

    assert said in str(found.value)


def test_without_any_profile_only_bigquery_is_known(tmp_path: Path) -> None:
    """All of BigQuery is one namespace; for all others the host is needed."""
    assert "bigquery" == find_place(tmp_path, "bigquery", Wanted(), {}).namespace
    with pytest.raises(InvalidSetting, match=r"no profiles\.yml was found.*Give --namespace"):
        find_place(tmp_path, "postgres", Wanted(), {})


@pytest.mark.parametrize("text", ["a: [", "\t- x: 1", "x" * 300_000, "[" * 5_000])
def test_yaml_that_is_none_is_an_error_of_ours(tmp_path: Path, text: str) -> None:
    """Broken, huge or deep: one clear error that names the file."""
    target = project(tmp_path, text)

    with pytest.raises(InvalidArtifact, match=r"profiles\.yml"):
        find_place(target, "postgres", Wanted(), {})


def test_the_recorded_project_finds_the_names_of_its_events(tmp_path: Path) -> None:
    """The demo's project, its profile as it stands, and the namespace that its recorded events have."""
    (tmp_path / "target").mkdir()
    for file in ("profiles.yml", "dbt_project.yml"):
        (tmp_path / file).write_text((corpus.RECORDED / "jaffle_shop" / file).read_text())

    found = find_place(tmp_path / "target", "duckdb", Wanted(), {}).namespace

    sent = corpus.events(corpus.HERE.parents[1] / "catalog/demo/dbt.ndjson")
    assert {found} == {dataset["namespace"] for event in sent for dataset in event["outputs"]}
