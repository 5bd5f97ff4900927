"""Classes of values, told by how sources spell types: a column of one class cannot be what needs another."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Values(StrEnum):
    """What values of a type are."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    BINARY = "binary"
    COMPLEX = "complex"
    UNKNOWN = "unknown"


_WORD = re.compile(r"[a-z_]+")
_CLASSES = (
    (Values.COMPLEX, "struct array map record list object row json jsonb variant super nested tuple"),
    (Values.BOOLEAN, "bool boolean bit"),
    (
        Values.DATE,
        "date datetime timestamp time timestamptz timestampntz timestamp_ntz timestamp_tz interval smalldatetime",
    ),
    (Values.BINARY, "binary varbinary blob bytea bytes image raw longblob mediumblob"),
    (
        Values.NUMBER,
        "int integer bigint smallint tinyint mediumint long short double float real decimal numeric number money "
        "serial bigserial byte uint hugeint bignumeric smallmoney",
    ),
    (
        Values.TEXT,
        "string varchar char text character nvarchar nchar clob uuid inet cidr citext enum longtext mediumtext "
        "tinytext name bpchar keyword utf",
    ),
)
_BY_WORD = {word: values for values, words in _CLASSES for word in words.split()}


@lru_cache(maxsize=4_096)
def values_of(type: str | None) -> Values:
    """The class of a type, by the first word of it that is known."""
    for word in _WORD.findall((type or "")[:200].lower()):
        if word in _BY_WORD:
            return _BY_WORD[word]
    return Values.UNKNOWN
