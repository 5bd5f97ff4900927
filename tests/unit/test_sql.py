"""What SQL shows of its columns, form by form; and that no query does any harm."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge
from catalog.lineage.sql.infer import MAX_QUERY
from catalog.lineage.translate import translate

Table = tuple[str, list[str]]

SPACE = "warehouse"
A: Table = ("shop.a", ["id", "x", "y"])
B: Table = ("shop.b", ["id", "z"])
OUT: Table = ("mart.out", [])

Columns = dict[str, list[str]]
"""What each column of the output depends on: `a.x` and, if it is not IDENTITY, how; "" is all of it."""


def event(
    query: str,
    inputs: tuple[Table, ...] = (A, B),
    outputs: tuple[Table, ...] = (OUT,),
    *,
    kind: str = "COMPLETE",
    **sql: Any,
) -> dict[str, Any]:
    """The end of a run that tells its query, and no columns."""
    return {
        "eventTime": "2026-03-01T12:00:00Z",
        "eventType": kind,
        "run": {"runId": "1"},
        "job": {"namespace": "j", "name": "a", "facets": {"sql": {"query": query, **sql}}},
        "inputs": [dataset(*table) for table in inputs],
        "outputs": [dataset(*table) for table in outputs],
    }


def dataset(name: str, columns: list[str]) -> dict[str, Any]:
    """A dataset with its schema, if it has one."""
    facets = {"schema": {"fields": [{"name": column} for column in columns]}} if columns else {}
    return {"namespace": SPACE, "name": name, "facets": facets}


def inferred(told: dict[str, Any], output: str = OUT[0]) -> list[ColumnEdge]:
    """The edges that an event's query shows."""
    with capture_logs() as said:
        (found,) = [d.inferred for d in translate(told).datasets if d.role == "output" and d.name.name == output]
    assert [] == said
    assert found is not None
    return list(found)


def shown(edges: list[ColumnEdge]) -> Columns:
    """Edges, shortly."""
    found: dict[str, list[str]] = {}
    for edge in edges:
        how = edge.subtype + (" masked" if edge.masking else "")
        name = f"{edge.dataset.name.rpartition('.')[2]}.{edge.field}"
        found.setdefault(edge.out, []).append(name if how == "IDENTITY" else f"{name} {how}")
    return {column: sorted(sources) for column, sources in found.items()}


FORMS: dict[str, tuple[str, Columns]] = {
    "a query alone": ("select x, y as why from shop.a", {"x": ["a.x"], "why": ["a.y"]}),
    "an expression": ("select x + y as s, 1 as one, cast(x as int) as c from shop.a", {
        "s": ["a.x TRANSFORMATION", "a.y TRANSFORMATION"], "c": ["a.x TRANSFORMATION"],
    }),
    "aggregates": ("select x, sum(y) as s, count(*) as n, count(y) as m from shop.a group by x", {
        "x": ["a.x"], "s": ["a.y AGGREGATION"], "m": ["a.y AGGREGATION masked"], "": ["a.x GROUP_BY"],
    }),
    "a filter": ("select x from shop.a where y > 3", {"x": ["a.x"], "": ["a.y FILTER"]}),
    "having and order": ("select x, sum(y) as s from shop.a group by 1 having sum(y) > 3 order by s desc", {
        "x": ["a.x"], "s": ["a.y AGGREGATION"], "": ["a.x GROUP_BY", "a.y FILTER", "a.y SORT"],
    }),
    "a join": ("select a.x, b.z from shop.a join shop.b on a.id = b.id", {
        "x": ["a.x"], "z": ["b.z"], "": ["a.id JOIN", "b.id JOIN"],
    }),
    "using": ("select id, x, z from shop.a left join shop.b using (id)", {
        "id": ["a.id"], "x": ["a.x"], "z": ["b.z"], "": ["a.id JOIN", "b.id JOIN"],
    }),
    "unqualified names go by the schemas": ("select x, z from shop.a, shop.b", {"x": ["a.x"], "z": ["b.z"]}),
    "ambiguous names give nothing": ("select id, x from shop.a, shop.b", {"x": ["a.x"]}),
    "a self join": ("select l.x, r.y from shop.a l join shop.a r on l.id = r.id", {
        "x": ["a.x"], "y": ["a.y"], "": ["a.id JOIN"],
    }),
    "cte": ("with c as (select x as k, sum(y) as s from shop.a group by x), unused as (select z from shop.b) "
            "select k, s + 1 as t from c", {
        "k": ["a.x"], "t": ["a.y AGGREGATION"], "": ["a.x GROUP_BY"],
    }),
    "a cte hides a table": ("with a as (select z as x from shop.b) select x from a", {"x": ["b.z"]}),
    "recursive cte": ("with recursive c(k) as (select x from shop.a union all select c.k + b.z from c join shop.b "
                      "on b.id = c.k) select k from c", {
        "k": ["a.x", "a.x TRANSFORMATION", "b.z TRANSFORMATION"], "": ["a.x JOIN", "b.id JOIN"],
    }),
    "a subquery": ("select s.k from (select x as k from shop.a where y = 1) s", {"k": ["a.x"], "": ["a.y FILTER"]}),
    "a scalar subquery": ("select x, (select max(z) from shop.b where b.id = a.id) as m from shop.a", {
        "x": ["a.x"], "m": ["b.z AGGREGATION"], "": ["a.id FILTER", "b.id FILTER"],
    }),
    "exists and in": ("select x from shop.a where exists (select 1 from shop.b where b.id = a.id) and y in "
                      "(select z from shop.b)", {
        "x": ["a.x"], "": ["a.id FILTER", "a.y FILTER", "b.id FILTER", "b.z FILTER"],
    }),
    "union": ("select x as k from shop.a union all select z from shop.b", {"k": ["a.x", "b.z"]}),
    "except": ("select x from shop.a except select z from shop.b", {"x": ["a.x"], "": ["b.z FILTER"]}),
    "a window": ("select sum(y) over (partition by x order by id) as w, row_number() over (order by y) as n "
                 "from shop.a", {
        "w": ["a.id WINDOW", "a.x WINDOW", "a.y AGGREGATION"], "n": ["a.y WINDOW"],
    }),
    "a named window": ("select lag(y) over w as p from shop.a window w as (partition by x)", {
        "p": ["a.x WINDOW", "a.y TRANSFORMATION"],
    }),
    "case": ("select case when x > 1 then y else id end as c from shop.a", {
        "c": ["a.id TRANSFORMATION", "a.x CONDITIONAL", "a.y TRANSFORMATION"],
    }),
    "hashes mask": ("select md5(x) as h, sha256(lower(y)) as i from shop.a", {
        "h": ["a.x TRANSFORMATION masked"], "i": ["a.y TRANSFORMATION masked"],
    }),
    "a mask stays": ("with c as (select md5(x) as h from shop.a) select upper(h) as u from c", {
        "u": ["a.x TRANSFORMATION masked"],
    }),
    "star": ("select * from shop.a", {"id": ["a.id"], "x": ["a.x"], "y": ["a.y"]}),
    "star and more": ("select b.*, a.x from shop.a join shop.b on a.id = b.id", {
        "id": ["b.id"], "z": ["b.z"], "x": ["a.x"], "": ["a.id JOIN", "b.id JOIN"],
    }),
    "star of a cte": ("with c as (select x as k from shop.a) select * from c", {"k": ["a.x"]}),
    "insert by names": ("insert into mart.out (k, l) select y, x from shop.a", {"k": ["a.y"], "l": ["a.x"]}),
    "ctas": ("create table mart.out as select x as k from shop.a", {"k": ["a.x"]}),
    "a view with names": ("create or replace view mart.out (k, l) as select x, y from shop.a", {
        "k": ["a.x"], "l": ["a.y"],
    }),
    "merge": ("merge into mart.out o using (select id, x, y from shop.a where y > 0) s on o.id = s.id "
              "when matched and s.y > 1 then update set k = s.x, l = o.l + s.y "
              "when not matched then insert (k, l) values (s.x, s.y)", {
        "k": ["a.x"], "l": ["a.y", "a.y TRANSFORMATION", "out.l TRANSFORMATION"],
        "": ["a.id JOIN", "a.y CONDITIONAL", "a.y FILTER", "out.id JOIN"],
    }),
    "update": ("update mart.out set k = b.z from shop.b where b.id = out.id", {
        "k": ["b.z"], "": ["b.id FILTER", "out.id FILTER"],
    }),
    "a script": ("create temporary table tmp as select x as k from shop.a; drop table if exists mart.out; "
                 "insert into mart.out (key) select k from tmp;", {"key": ["a.x"]}),
    "a table nobody named": ("select o.x, a.y from elsewhere.o join shop.a on a.id = o.id", {
        "y": ["a.y"], "": ["a.id JOIN"],
    }),
    "values": ("insert into mart.out values (1, 2)", {}),
    "no rows": ("drop table mart.out", {}),
    "no SQL": ("SELECT FROM WHERE !!", {}),
    "a template": ("select {{ dbt.star() }} from {{ ref('a') }}", {}),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_sql_shows_its_columns(form: str) -> None:
    """The transformations are those that the spec names, found where the form has them."""
    query, expected = FORMS[form]

    assert expected == shown(inferred(event(query)))


OPEN_A: Table = ("shop.a", [])
OPEN_B: Table = ("shop.b", [])
OUTPUTS: dict[str, tuple[str, list[Table], list[str], Columns]] = {
    "places, where an insert names no columns": (
        "insert into mart.out select y, x from shop.a", [OPEN_A], ["k", "l"], {"k": ["a.y"], "l": ["a.x"]}
    ),
    "places even if the names are there": (
        "insert into mart.out select y, x from shop.a", [A], ["x", "y"], {"x": ["a.y"], "y": ["a.x"]}
    ),
    "a star over a schema by its names": (
        "insert into mart.out select * from shop.a", [A], ["y", "x", "id"], {"y": ["a.y"], "x": ["a.x"], "id": ["a.id"]}
    ),
    "a star over a table without a schema": (
        "create table mart.out as select *, x + 1 as next from shop.a", [OPEN_A], ["id", "next"],
        {"id": ["a.id"], "next": ["a.x TRANSFORMATION"]},
    ),
    "a star except": (
        "select * except (x) from shop.a", [A], [], {"id": ["a.id"], "y": ["a.y"]}
    ),
    "a star over two tables without schemas": ("select * from shop.a, shop.b", [OPEN_A, OPEN_B], ["id"], {}),
    "a union of stars": (
        "select * from shop.a union all select * from shop.b", [OPEN_A, OPEN_B], ["id"], {"id": ["a.id", "b.id"]}
    ),
    "the schema's spelling": ("SELECT ID, X AS K FROM SHOP.A", [A], ["k"], {"ID": ["a.id"], "k": ["a.x"]}),
    "a name for what has none": ("select sum(x) from shop.a", [A], ["total"], {"total": ["a.x AGGREGATION"]}),
    "a partial schema": ("select x, other from shop.a", [A], [], {"x": ["a.x"], "other": ["a.other"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTPUTS)
def test_schemas_of_the_event_help(case: str) -> None:
    """The columns of inputs and outputs are used as far as the event has them."""
    query, inputs, columns, expected = OUTPUTS[case]
    told = event(query, tuple(inputs), (("mart.out", columns),), dialect="bigquery" if "except" in query else None)

    assert expected == shown(inferred(told))


DIALECTS = {
    "bigquery": "select i from shop.a, unnest(a.x) as i",
    "snowflake": "select f.value:name::string as i from shop.a, lateral flatten(input => a.x) f",
    "spark": "select i from shop.a lateral view explode(x) t as i",
    "tsql": "select top 3 [x] as i from [shop].[a]",
    "postgresql": "select distinct on (i) x::text as i from shop.a",
    "mysql": "select `x` as i from `shop`.`a` limit 3",
    "duckdb": "from shop.a select x as i",
    "Trino": "select i from shop.a cross join unnest(x) as t (i)",
    "redshift": "select listagg(x, ',') within group (order by y) as i from shop.a",
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects_are_known_by_their_common_names(dialect: str) -> None:
    """The facet's word decides, however it is spelled."""
    found = inferred(event(DIALECTS[dialect], (A,), dialect=dialect))

    assert {("a", "x")} == {(e.dataset.name.rpartition(".")[2], e.field) for e in found if e.out == "i"} - {("a", "y")}


def test_the_namespace_tells_the_dialect() -> None:
    """Without a facet's word its scheme does; without either, SQL in general."""
    told = event("select [x] as [i j] from [a]", (A,))
    for place in ("inputs", "outputs"):
        for part in told[place]:
            part["namespace"] = "mssql://host:1433"

    assert {"i j": ["a.x"]} == shown(inferred(told))


@pytest.mark.parametrize(
    ("path", "inputs", "expected"),
    [
        ("a", ["shop.a"], "shop.a"),
        ("db.shop.a", ["shop.a"], "shop.a"),
        ("shop.a", ["db.shop.a", "db.mart.a"], "db.shop.a"),
        ("a", ["db.shop.a", "db.mart.a"], None),
        ("A", ["shop.a"], "shop.a"),
        ('"A"', ["shop.a", "shop.A"], "shop.A"),
        ("Aa", ["shop.aA", "shop.AA"], None),
        ("a", ["/user/hive/warehouse/a"], "/user/hive/warehouse/a"),
        ("shop.a", ["/warehouse/shop.db/a", "/warehouse/mart.db/a"], "/warehouse/shop.db/a"),
        ("b", ["shop.a"], None),
    ],
)
def test_tables_are_the_datasets_of_the_event(path: str, inputs: list[str], expected: str | None) -> None:
    """By the last parts of their names: exactly, else in any case, and never if two fit alike."""
    found = inferred(event(f"select x from {path}", tuple((name, []) for name in inputs)))

    assert ([expected] if expected else []) == [edge.dataset.name for edge in found]


def test_a_symlink_is_a_name_too() -> None:
    """A path in a store has the name of its table from the catalog."""
    told = event("select x from shop.customers", (("/data/7f3a", []),))
    told["inputs"][0]["facets"]["symlinks"] = {
        "identifiers": [{"namespace": "hive://meta", "name": "shop.customers", "type": "TABLE"}]
    }

    assert [Name(SPACE, "/data/7f3a")] == [edge.dataset for edge in inferred(told)]


@pytest.mark.parametrize("change", ["START", "RUNNING", "columns", "no sql", "off", "JobEvent", "FAIL"])
def test_only_what_ends_or_declares_is_looked_at(change: str) -> None:
    """Not what a run says on its way, and never where the producer tells the columns himself."""
    told = event("select x from shop.a", kind=change if change.isupper() else "COMPLETE")
    if change == "columns":
        source = {"namespace": SPACE, "name": "shop.a", "field": "y"}
        told["outputs"][0]["facets"]["columnLineage"] = {"fields": {"x": {"inputFields": [source]}}}
    if change == "no sql":
        del told["job"]["facets"]["sql"]["query"]
    if change == "JobEvent":
        del told["run"], told["eventType"]
    (output,) = [d for d in translate(told, infer=change != "off").datasets if d.role == "output"]

    assert (change in ("JobEvent", "FAIL")) == (output.inferred is not None)


def test_inputs_and_outputs_stay_as_the_producer_tells_them() -> None:
    """An inferred edge adds no input: it is between what the event names."""
    told = event("select x, k from shop.a join shop.unheard on true", (A,))
    said = translate(told)

    assert ([Name(SPACE, "shop.a")], [Name(SPACE, "mart.out")], ()) == (said.inputs, said.outputs, said.warnings)


WILD = {
    "deep parentheses": "select " + "(" * 5_000 + "1" + ")" * 5_000,
    "deep subqueries": "select * from " + "(select * from " * 2_000 + "shop.a" + ")" * 2_000,
    "deep functions": "select " + "f(" * 5_000 + "x" + ")" * 5_000 + " from shop.a",
    "many nots": "select " + "not " * 10_000 + "x from shop.a",
    "a long sum": "select " + "x + " * 15_000 + "1 as s from shop.a",
    "many statements": ";" * 60_000,
    "many ctes": "with "
    + ", ".join(f"c{i} as (select * from c{i - 1} l, c{i - 1} r)" for i in range(1, 1_000))
    + " select * from c999",
    "growing ctes": "with c0 as (select x, y, id from shop.a), "
    + ", ".join(f"c{i} as (select l.*, r.* from c{i - 1} l, c{i - 1} r)" for i in range(1, 60))
    + " select * from c59",
    "a wide union": " union all ".join(["select x, y from shop.a"] * 1_800),
    "itself": "with recursive c as (select * from c union select * from c) select * from c",
    "two that name each other": "with a as (select * from b), b as (select * from a) select * from a, b",
    "zeros": "\0" * 1_000,
    "odd letters": "select 'ſ', ï, 漢 from \ud83d shop.a",
}


@pytest.mark.parametrize("case", WILD)
def test_no_query_does_harm(case: str) -> None:
    """Whatever it is, it is read in bounds, the rest of the event stands, and nobody is told."""
    assert len(WILD[case]) <= MAX_QUERY
    with capture_logs() as logged:
        said = translate(event(WILD[case]))

    assert ((), 3, []) == (said.warnings, len(said.datasets), logged)


def test_a_query_beyond_the_cap_is_not_looked_at() -> None:
    """A megabyte must not hold a worker."""
    told = event("select x from shop.a where y in (" + "1," * 500_000 + "1)")

    assert [None] == [d.inferred for d in translate(told).datasets if d.role == "output"]
