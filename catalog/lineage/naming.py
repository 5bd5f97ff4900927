"""Names that probably mean one thing: suggestions for people, never a merge.

Stores spell one thing in several ways: `s3a` for `s3`, a port that is the default, a name in capitals. Each rule
below takes one such difference away; names that are equal without all of them are alike, and the rules that it takes
say why. The exact names are what the catalog keeps (openlineage.md, pitfall 12).

Source: OpenLineage, `website/docs/spec/naming.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from catalog.identity import Name, digest

BUCKET_DIGITS = 3


class Rule(StrEnum):
    """What may be different between two names of one thing."""

    CASE = "CASE"
    PORT = "PORT"
    SCHEME = "SCHEME"
    SLASH = "SLASH"
    QUOTES = "QUOTES"
    ACCOUNT = "ACCOUNT"

    @property
    def words(self) -> str:
        """What it takes away, for people."""
        return _WORDS[self]


_WORDS = {
    Rule.CASE: "capitals, where the store does not tell them from small letters",
    Rule.PORT: "a port that is the store's default",
    Rule.SCHEME: "another word for the same kind of store",
    Rule.SLASH: "slashes at an end",
    Rule.QUOTES: "quotes around identifiers",
    Rule.ACCOUNT: "Snowflake's two ways to name an account: by organization and by locator",
}
_SCHEMES = {
    **dict.fromkeys(("s3a", "s3n"), "s3"),
    **dict.fromkeys(("postgresql", "pgsql"), "postgres"),
    **dict.fromkeys(("abfs", "wasb", "wasbs"), "abfss"),
    **dict.fromkeys(("webhdfs", "swebhdfs"), "hdfs"),
    "gcs": "gs",
    "hive2": "hive",
    "mssql": "sqlserver",
}
_PORTS = {
    "awsathena": ("443",),
    "cassandra": ("9042",),
    "crate": ("5432",),
    "db2": ("50000",),
    "hdfs": ("8020", "9000"),
    "hive": ("10000",),
    "kafka": ("9092",),
    "mysql": ("3306",),
    "oceanbase": ("2881",),
    "oracle": ("1521",),
    "postgres": ("5432",),
    "redshift": ("5439",),
    "sqlserver": ("1433",),
    "teradata": ("1025",),
    "trino": ("8080",),
}
_SQL = frozenset({*_PORTS, "snowflake", "bigquery", "glue"} - {"kafka", "hdfs"})
_OBJECTS = frozenset({"s3", "gs", "abfss"})
_FILES = frozenset({*_OBJECTS, "hdfs", "dbfs", "file"})
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/]*)(.*)", re.DOTALL)
_AZURE = re.compile(r"(@[^./]+)\.(?:dfs|blob)\.core\.windows\.net$")
_QUOTES = str.maketrans("", "", '"`[]')
_LOCATOR = re.compile(r"[a-z]{2,4}\d{4,6}")
_NONE: frozenset[Rule] = frozenset()


def plain(name: Name, without: frozenset[Rule] = _NONE) -> Name:
    """The name without what may be different between names of one thing.

    Args:
        without: rules to leave out.
    """
    scheme, host, path = _parts(name.namespace)
    if Rule.CASE not in without:
        scheme, host = scheme.lower(), host.lower()
    kind = _SCHEMES.get(scheme.lower(), scheme.lower())
    if Rule.SCHEME not in without:
        scheme = kind if scheme.lower() in _SCHEMES else scheme
        host = _AZURE.sub(r"\1", host) if kind == "abfss" else host
        host = "" if kind == "bigquery" else host
    if Rule.PORT not in without:
        host = ",".join(_without_port(one, _PORTS.get(kind, ())) for one in host.split(","))
    if kind == "snowflake":
        host = "" if Rule.ACCOUNT not in without else _account(host)[1]
    text = name.name
    if Rule.QUOTES not in without and kind in _SQL:
        text = text.translate(_QUOTES)
    if Rule.CASE not in without and kind in _SQL:
        text = text.lower()
    if Rule.SLASH not in without:
        path = path.rstrip("/")
        if kind in _FILES:
            text = text.rstrip("/") or "/"
            text = text.lstrip("/") or "/" if kind in _OBJECTS else text
    return Name(f"{scheme}://{host}{path}", text)


def bucket(name: Name) -> str:
    """Where to look for names that are alike: equal for equal plain names, few names each."""
    return digest("near", *plain(name))[:BUCKET_DIGITS]


def groups(names: Iterable[Name]) -> list[list[Name]]:
    """Names that are alike, in groups of two or more.

    Two ways to name a Snowflake account are alike only if it is clear which two: one of each.
    """
    found: dict[Name, list[Name]] = {}
    for name in sorted(set(names)):
        found.setdefault(plain(name), []).append(name)
    parted: list[list[Name]] = []
    for some in found.values():
        by_account: dict[Name, list[Name]] = {}
        for name in some:
            by_account.setdefault(plain(name, frozenset({Rule.ACCOUNT})), []).append(name)
        forms = [_account(_parts(one[0].namespace)[1].lower())[0] for one in by_account.values()]
        clear = len(by_account) == 1 or sorted(forms) == [False, True]
        parted += [some] if clear else by_account.values()
    return [some for some in parted if len(some) > 1]


def reasons(names: Iterable[Name]) -> list[Rule]:
    """The rules without which these names would not be alike."""
    names = list(names)
    return [rule for rule in Rule if len({plain(name, frozenset({rule})) for name in names}) > 1]


def _parts(namespace: str) -> tuple[str, str, str]:
    """Scheme, authority and the rest; stores without a scheme stand for themselves."""
    found = _ADDRESS.fullmatch(namespace)
    if found:
        return found[1], found[2], found[3]
    if namespace.lower().startswith("arn:aws:glue:"):
        return "glue", namespace[len("arn:aws:glue:") :], ""
    return namespace, "", ""


def _without_port(host: str, defaults: tuple[str, ...]) -> str:
    bare, colon, port = host.rpartition(":")
    return bare if colon and port in defaults else host


def _account(host: str) -> tuple[bool, str]:
    """Whether a Snowflake account is named by its locator, and how it is named without what may be left out."""
    first = host.removesuffix(".snowflakecomputing.com").split(".")[0]
    return bool(_LOCATOR.fullmatch(first)), first.replace("_", "-")
