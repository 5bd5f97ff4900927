"""What data the company keeps: own tables, their copies in lake and warehouse, what is made of them and sent out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Json = dict[str, Any]
FOLDER = Path(__file__).parent
AIRFLOW, SPARK, DBT = "airflow", "spark", "dbt"
IDENTITY = "IDENTITY"


class Made(NamedTuple):
    """A column that another is made of, and how (a subtype of OpenLineage)."""

    table: str
    column: str
    how: str


class Column(NamedTuple):
    """A column; `made_of` None for those of the company's own systems."""

    name: str
    type: str
    tags: tuple[str, ...]
    made_of: Made | None = None

    @property
    def level(self) -> str:
        """How confidential it is."""
        return "restricted" if "phi" in self.tags else "confidential" if self.personal else "internal"

    @property
    def personal(self) -> bool:
        """Whether it holds personal data."""
        return any(tag.startswith("pii/") for tag in self.tags)


class Table(NamedTuple):
    """A dataset.

    Attributes:
        id: by which others of this folder name it; `LAYER/NAME`.
        tool: what writes it; empty for the company's own systems, whose applications tell nothing.
        by: columns of others that only choose its rows, as ids of tables with columns.
    """

    id: str
    system: str
    name: str
    domain: str
    tool: str
    key: str
    columns: tuple[Column, ...]
    by: tuple[tuple[str, str], ...] = ()
    critical: bool = False

    @property
    def reads(self) -> list[str]:
        """The tables that it is made of, by id."""
        told = [column.made_of.table for column in self.columns if column.made_of]
        return sorted({*told, *(table for table, _ in self.by)})

    @property
    def personal(self) -> bool:
        """Whether a column of it holds personal data."""
        return any(column.personal for column in self.columns)


@cache
def told(name: str) -> Json:
    """A file of this folder."""
    found = yaml.load((FOLDER / f"{name}.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    assert isinstance(found, dict)
    return found


def tables(copies: int = 1, extra: int = 0) -> Mapping[str, Table]:
    """All datasets by id, each after those that it is made of.

    Args:
        copies: how often the company is there beside itself.
        extra: columns that each table of the company's own systems has besides those that are written down.
    """
    found: dict[str, Table] = {}
    for number in range(copies):
        for one in _once("" if number == 0 else f"_{number}", extra):
            found[one.id] = one
    return found


def _once(mark: str, extra: int) -> Iterator[Table]:
    by_name: dict[str, Table] = {}
    for domain, kept in told("tables").items():
        for name, columns in kept["tables"].items():
            own = tuple(_column(column, str(words).split()) for column, words in columns.items())
            own += tuple(Column(f"attribute_{number}", "text", ()) for number in range(extra))
            first = Table(f"own/{name}{mark}", kept["system"], f"{name}{mark}", domain, "", own[0].name, own)
            raw = _copied(first, f"raw/{name}{mark}", "lake", f"raw/{domain}/{name}{mark}", AIRFLOW)
            clean = _copied(raw, f"clean/{name}{mark}", "lake", f"clean/{domain}/{name}{mark}", SPARK)
            staged = _copied(clean, f"stg/{name}{mark}", "warehouse", f"stg_{name}{mark}", DBT)
            by_name[name] = staged
            yield from (first, raw, clean, staged)
    for name, made in told("made").items():
        columns = tuple(_made(column, str(words).split(), by_name) for column, words in made["columns"].items())
        by = tuple(
            (by_name[table].id, column) for table, _, column in (one.partition(".") for one in made.get("by", ()))
        )
        system = made.get("system") or ("lake" if made["tool"] == SPARK else "warehouse")
        kept_as = f"features/{name}{mark}" if system == "lake" else f"{name}{mark}"
        by_name[name] = Table(
            *(f"made/{name}{mark}", system, kept_as, made["domain"], made["tool"], made["key"], columns),
            **{"by": by, "critical": made.get("critical", False)},
        )
        yield by_name[name]


def _column(name: str, words: list[str]) -> Column:
    return Column(name, words[0], tuple(words[1:]))


def _made(name: str, words: list[str], by_name: Mapping[str, Table]) -> Column:
    table, _, column = words[1].partition(".")
    source = next(one for one in by_name[table].columns if one.name == column)
    type_ = source.type if words[0] == IDENTITY else "text" if source.tags else "numeric"
    return Column(name, type_, source.tags, Made(by_name[table].id, column, words[0]))


def _copied(of: Table, id_: str, system: str, name: str, tool: str) -> Table:
    columns = tuple(one._replace(made_of=Made(of.id, one.name, IDENTITY)) for one in of.columns)
    return Table(id_, system, name, of.domain, tool, of.key, columns)


def place(table: Table) -> tuple[str, str]:
    """Namespace and name of a dataset, as events spell them."""
    system = told("systems")[table.system]
    return system["namespace"], f"{system['prefix']}{table.name}"
