"""Names that are alike: each rule by its cases, and the names that must not be taken for one thing."""

from __future__ import annotations

import pytest
from openlineage.client.naming import dataset as client

from catalog.identity import Name
from catalog.lineage.naming import Rule, bucket, groups, plain, reasons

PG = "postgres://db.example"
ALIKE = [
    ((f"{PG}:5432", "shop.public.orders"), (PG, "shop.public.orders"), {Rule.PORT}),
    (("postgresql://db.example", "shop.public.orders"), (PG, "shop.public.orders"), {Rule.SCHEME}),
    (("POSTGRES://DB.example", "shop.public.Orders"), (PG, "shop.public.orders"), {Rule.CASE}),
    ((PG, 'shop."public"."orders"'), (PG, "shop.public.orders"), {Rule.QUOTES}),
    (("mysql://h:3306", "shop.`Orders`"), ("mysql://h", "shop.orders"), {Rule.CASE, Rule.PORT, Rule.QUOTES}),
    (("sqlserver://h:1433", "[dbo].[t]"), ("mssql://h", "dbo.t"), {Rule.SCHEME, Rule.PORT, Rule.QUOTES}),
    (("s3a://bucket", "path/x"), ("s3://bucket", "path/x"), {Rule.SCHEME}),
    (("s3n://bucket", "/path/x/"), ("s3://bucket", "path/x"), {Rule.SCHEME, Rule.SLASH}),
    (("s3://bucket/", "path"), ("s3://bucket", "path"), {Rule.SLASH}),
    (("gcs://bucket", "path"), ("gs://bucket", "path"), {Rule.SCHEME}),
    (("hdfs://nn:8020", "/data/x"), ("hdfs://nn", "/data/x/"), {Rule.PORT, Rule.SLASH}),
    (
        ("wasbs://c@acc.blob.core.windows.net", "p"),
        ("abfss://c@acc.dfs.core.windows.net", "p"),
        {Rule.SCHEME},
    ),
    (("abfs://c@acc.dfs.core.windows.net", "p"), ("abfss://c@acc.dfs.core.windows.net", "p"), {Rule.SCHEME}),
    (("bigquery://project", "p.d.t"), ("bigquery", "p.d.t"), {Rule.SCHEME}),
    (("snowflake://org-acc", "DB.S.T"), ("snowflake://xy12345.us-east-1.aws", "DB.S.T"), {Rule.ACCOUNT}),
    (("snowflake://ORG-ACC", "DB.S.T"), ("snowflake://org-acc", 'db."s".t'), {Rule.CASE, Rule.QUOTES}),
    (("kafka://b1:9092,b2:9092", "topic"), ("kafka://b1,b2", "topic"), {Rule.PORT}),
    (("arn:aws:glue:eu:1", "table/db/T"), ("arn:aws:glue:eu:1", "table/db/t"), {Rule.CASE}),
    (("file", "/data/x/"), ("file", "/data/x"), {Rule.SLASH}),
]
APART = [
    (("s3://bucket", "Path/x"), ("s3://bucket", "path/x")),
    (("file", "/Data"), ("file", "/data")),
    (("kafka://b:9092", "Topic"), ("kafka://b:9092", "topic")),
    ((f"{PG}:5433", "shop.public.orders"), (PG, "shop.public.orders")),
    (("postgres://other", "shop.public.orders"), (PG, "shop.public.orders")),
    (("mysql://h", "shop.orders"), ("postgres://h", "shop.orders")),
    (("snowflake://org-a", "DB.S.T"), ("snowflake://org-b", "DB.S.T")),
    (("snowflake://ab12345", "DB.S.T"), ("snowflake://cd67890", "DB.S.T")),
    (("file", "/data"), ("file", "data")),
    (("jobs", "A"), ("jobs", "a")),
]


@pytest.mark.parametrize(("a", "b", "rules"), ALIKE)
def test_names_that_are_alike_say_why(a: tuple[str, str], b: tuple[str, str], rules: set[Rule]) -> None:
    """One group, found in one bucket, with exactly the rules that it takes."""
    names = [Name(*a), Name(*b)]

    assert [sorted(names)] == groups(names)
    assert bucket(names[0]) == bucket(names[1])
    assert rules == set(reasons(names))


@pytest.mark.parametrize(("a", "b"), APART)
def test_names_that_tell_two_things_are_not_alike(a: tuple[str, str], b: tuple[str, str]) -> None:
    """Stores that tell capitals apart, other hosts, other accounts."""
    assert [] == groups([Name(*a), Name(*b)])


def test_unclear_accounts_are_no_suggestion() -> None:
    """With two accounts of one form nobody knows which of them the locator names."""
    names = [Name(f"snowflake://{account}", "DB.S.T") for account in ("org-a", "org-b", "xy12345")]

    assert [] == groups(names)


def test_what_the_python_client_makes_is_alike_to_its_other_spellings() -> None:
    """The client's own naming helpers, each beside a spelling that other producers use for the same thing."""
    made = [
        (client.Postgres("Host", "5432", "db", "s", "T"), ("postgresql://host", "db.s.t")),
        (client.MySQL("host", "3306", "db", "T"), ("mysql://host", "db.t")),
        (client.Redshift("c", "eu", "5439", "db", "s", "t"), ("redshift://c.eu", "db.s.t")),
        (client.Trino("h", "8080", "c", "s", "t"), ("trino://h", "c.s.T")),
        (client.Hive("h", "10000", "db", "t"), ("hive://h", "db.t")),
        (client.HDFS("nn", "8020", "/data"), ("hdfs://nn", "/data/")),
        (client.Kafka("b", "9092", "t"), ("kafka://b", "t")),
        (client.S3("bucket", "path"), ("s3a://bucket", "/path")),
        (client.GCS("bucket", "path"), ("gcs://bucket", "path/")),
        (client.ABFSS("c", "acc", "p"), ("abfs://c@acc.dfs.core.windows.net", "p")),
        (client.WASBS("c", "acc", "p"), ("abfss://c@acc.dfs.core.windows.net", "/p")),
        (client.Snowflake("org", "acc", "DB", "S", "T"), ("snowflake://ORG-ACC", "db.s.t")),
        (client.BigQuery("p", "d", "t"), ("bigquery://p", "p.d.t")),
        (client.Athena("eu", "c", "d", "t"), ("awsathena://athena.eu.amazonaws.com:443", "c.d.t")),
        (client.AWSGlue("eu", "1", "d", "t"), ("arn:aws:glue:eu:1", "table/d/T")),
        (client.LocalFileSystem("/tmp/x"), ("file", "/tmp/x/")),
    ]
    for helper, other in made:
        own = Name(helper.get_namespace(), helper.get_name())
        assert plain(own) == plain(Name(*other)), own


@pytest.mark.parametrize(
    "name", [("", ""), ("://", "/"), ("s3://", "/"), ("x" * 300_000, "y"), ("postgres://:5432", "")]
)
def test_odd_names_are_no_fault(name: tuple[str, str]) -> None:
    """Whatever producers send has a place to be looked for."""
    assert 3 == len(bucket(Name(*name)))
    assert [] == reasons([Name(*name)])
