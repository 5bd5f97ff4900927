"""`profiles.yml` -> the namespace of the project's tables, spelled as dbt's OpenLineage wrapper spells it.

The artifacts name database and schema, never the host. Where the host cannot be known this is an error that says what
to give, and no guess: a guess would make a second node of every table.

Source: openlineage-dbt 1.54.0, `extract_namespace` of its processor and `fix_account_name`; dbt's order of places for
profiles.yml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from catalog.errors import InvalidArtifact, InvalidSetting
from catalog.imports.members import Json, mapping, text

PROFILES = "profiles.yml"
PROJECT = "dbt_project.yml"
MAX_YAML = 200_000
WITHOUT_PROFILE = {"bigquery": "bigquery"}
"""Adapters whose namespace is the same everywhere."""
_TEMPLATE = re.compile(
    r"\{\{-?\s*env_var\(\s*(['\"])(?P<name>[^'\"]+)\1\s*(?:,\s*(['\"])(?P<otherwise>[^'\"]*)\3\s*)?\)"
    r"\s*(?:\|\s*\w+\s*)*-?\}\}"
)
_SPARK_PORTS = {"http": "443", "odbc": "443", "thrift": "10001"}


class Place(NamedTuple):
    """Where tables are, and how that is known."""

    namespace: str
    known_by: str


class Wanted(NamedTuple):
    """What the caller said about the profile; "" or None where nothing."""

    profiles_dir: Path | None = None
    profile: str = ""
    target: str = ""


def find_place(folder: Path, adapter: str, wanted: Wanted, environ: Mapping[str, str]) -> Place:
    """The namespace of a project's tables.

    Args:
        folder: the target folder.
        adapter: the adapter that the artifacts name.
        environ: the variables that templates of the profile may ask for.

    Raises:
        InvalidSetting: it cannot be known from what is there; the text says what to give.
        InvalidArtifact: a YAML file that cannot be read.
    """
    if adapter in WITHOUT_PROFILE:
        return Place(WITHOUT_PROFILE[adapter], f"all of {adapter} is one")
    name = wanted.profile or _profile_of(folder)
    path = _profiles(folder, wanted, environ)
    if path is None or not name:
        lacking = f"no {PROFILES} was found" if path is None else f"no {PROJECT} beside it names its profile"
        raise _unknown(adapter, lacking)
    profile = mapping(_read_yaml(path), name)
    if not profile:
        raise _unknown(adapter, f"{path} has no profile {name!r}")
    target = wanted.target or _rendered(text(profile, "target"), environ) or "default"
    output = mapping(profile, "outputs", target)
    if not output:
        known = ", ".join(sorted(mapping(profile, "outputs"))) or "none"
        raise _unknown(adapter, f"profile {name!r} of {path} has no target {target!r} (it has {known}); say --target")
    type_ = _rendered(text(output, "type"), environ)
    if adapter and type_ != adapter:
        raise _unknown(adapter, f"target {target!r} of profile {name!r} is {type_ or 'nothing'}; say --target")
    return Place(namespace_of(output, environ), f"target {target!r} of profile {name!r} in {path}")


def namespace_of(output: Json, environ: Mapping[str, str]) -> str:
    """The namespace of one target of a profile.

    Raises:
        InvalidSetting: a part of it is missing, or only dbt could work it out.
    """
    adapter = _rendered(text(output, "type"), environ)
    make = _NAMESPACES.get(adapter)
    if make is None:
        raise _unknown(adapter, f"dbt's OpenLineage wrapper has no name for the adapter {adapter or 'of no type'!r}")

    def part(key: str) -> str:
        value = _rendered(text(output, key), environ)
        if not value:
            raise _unknown(adapter, f"its target has no `{key}`")
        return value

    def maybe(key: str) -> str:
        return _rendered(text(output, key), environ)

    return make(part, maybe)


Part = Callable[[str], str]


def _host(scheme: str, host: str = "host") -> Callable[[Part, Part], str]:
    return lambda part, _: f"{scheme}://{part(host)}:{part('port')}"


def _spark(part: Part, maybe: Part) -> str:
    method = part("method")
    if method not in _SPARK_PORTS:
        raise _unknown("spark", f"dbt's OpenLineage wrapper has no name for the connection method {method!r}")
    return f"spark://{part('host')}:{maybe('port') or _SPARK_PORTS[method]}"


def _fabric(part: Part, maybe: Part) -> str:
    port = maybe("port")
    return f"fabric-warehouse://{part('server')}" + (f":{port}" if port else "")


def _glue(part: Part, maybe: Part) -> str:
    account = maybe("account_id") or (part("role_arn").split(":") + [""] * 5)[4]
    if not account:
        raise _unknown("glue", "its target's `role_arn` has no account")
    return f"arn:aws:glue:{part('region')}:{account}"


def snowflake_account(name: str) -> str:
    """A Snowflake account in one of its two spellings: organisation-account, or locator.region.cloud."""
    parts = name.split(".")
    if "-" in parts[0]:
        return parts[0]
    return name if len(parts) > 2 else ".".join([parts[0], *(parts[1:] or ["us-west-1"]), "aws"])


_NAMESPACES: dict[str, Callable[[Part, Part], str]] = {
    "athena": lambda part, _: f"awsathena://athena.{part('region_name')}.amazonaws.com",
    "bigquery": lambda _, __: "bigquery",
    "clickhouse": _host("clickhouse"),
    "databricks": lambda part, _: f"databricks://{part('host')}",
    "dremio": _host("dremio", "software_host"),
    "duckdb": lambda part, _: f"duckdb://{part('path')}",
    "fabric": _fabric,
    "glue": _glue,
    "postgres": _host("postgres"),
    "presto": _host("presto"),
    "redshift": _host("redshift"),
    "snowflake": lambda part, _: f"snowflake://{snowflake_account(part('account'))}",
    "spark": _spark,
    "sqlserver": _host("mssql", "server"),
    "trino": _host("trino"),
    "watsonx_presto": _host("presto"),
}


def _unknown(adapter: str, why: str) -> InvalidSetting:
    return InvalidSetting(
        f"where the tables of this {adapter or 'dbt'} project are is not known: {why}. Give --namespace with the "
        "namespace that events name these tables by (such as postgres://HOST:PORT, snowflake://ACCOUNT or "
        "duckdb://PATH), or --profiles-dir, --profile and --target to find it in profiles.yml"
    )


def _profile_of(folder: Path) -> str:
    path = folder.resolve().parent / PROJECT
    return text(_read_yaml(path), "profile") if path.is_file() else ""


def _profiles(folder: Path, wanted: Wanted, environ: Mapping[str, str]) -> Path | None:
    if wanted.profiles_dir is not None:
        path = wanted.profiles_dir / PROFILES
        if not path.is_file():
            raise InvalidSetting(f"--profiles-dir {wanted.profiles_dir}: there is no {PROFILES} in it")
        return path
    told = environ.get("DBT_PROFILES_DIR")
    home = environ.get("HOME")
    places = [Path(told)] if told else []
    places += [folder.resolve().parent, *([Path(home) / ".dbt"] if home else [])]
    return next((place / PROFILES for place in places if (place / PROFILES).is_file()), None)


def _read_yaml(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_YAML:
            raise InvalidArtifact(f"{path}: has more than {MAX_YAML:,} bytes, which no such file has", str(path))
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError, RecursionError, ValueError) as e:
        said = str(e).replace("\n", " ")[:300] or type(e).__name__
        raise InvalidArtifact(f"{path}: is no YAML that can be read: {said}", str(path)) from e


def _rendered(value: str, environ: Mapping[str, str]) -> str:
    """A value with the variables of the environment that its template asks for; dbt knows no others in a profile."""

    def put(match: re.Match[str]) -> str:
        found = environ.get(match["name"], match["otherwise"])
        if found is None:
            raise InvalidSetting(
                f"the profile asks for the variable {match['name']}, which is not set; set it as for dbt, or give "
                "--namespace"
            )
        return found

    done = _TEMPLATE.sub(put, value)
    if "{{" in done or "{%" in done:
        raise InvalidSetting(f"the profile has a template that only dbt can fill in ({value[:80]}); give --namespace")
    return done
