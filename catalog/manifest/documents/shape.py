"""What documents are made of: strict objects with camelCase keys, and the texts, moments and references in them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from catalog.assets.keys import Kind
from catalog.manifest.durations import DURATION
from catalog.manifest.references import WrongReference, check_name, example, parse, spell

T = TypeVar("T")
FAULT = "headwater"
"""The type of errors whose message is ours; their context may say what was `expected`."""

_INTEGER = re.compile(r"[-+]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
NULLS = frozenset({"", "null", "Null", "NULL", "~"})
"""How YAML writes that there is no value."""
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})


class Plain(str):
    """A scalar that was written in YAML without quotes: where a number or a truth value is wanted, it may be one."""

    __slots__ = ()


class Strict(BaseModel):
    """An object that knows all its keys; an unknown one is an error, never ignored."""

    model_config = ConfigDict(  # type: ignore[pydantic-alias]
        extra="forbid", alias_generator=to_camel, frozen=True, hide_input_in_errors=True
    )


def fault(message: str, expected: str = "", at: str = "") -> PydanticCustomError:
    """An error with our own words; `at` is the path at fault (`fields.2.name`) in an object that is checked as one."""
    return PydanticCustomError(FAULT, "{message}", {"message": message, "expected": expected, "at": at})


def check_distinct(names: Sequence[str], what: str, field: str) -> None:
    """Refuse a list whose members' names are not distinct, at the first that repeats another."""
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            raise fault(f"the {what} {name[:80]!r} stands twice in `{field}`", at=f"{field}.{i}.name")
        seen.add(name)


def resolve(value: Any) -> Any:
    """A value of no fixed type, as YAML 1.2 reads it: of unquoted words only true, false, null and numbers are special.

    So `no`, `on`, `0o17`, `1:30` and `2026-03-01` stay texts, and `1.10` in a text field stays what was written.
    """
    if isinstance(value, Plain):
        return _scalar(value)
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if isinstance(value, dict):
        return {str(key): resolve(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise fault("a number that is not finite")
    return value


def _scalar(text: Plain) -> Any:
    if text in NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 19 else str(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else str(text)
    return str(text)


def _truth(value: Any) -> Any:
    if isinstance(value, Plain) and (value in _TRUE or value in _FALSE):
        return value in _TRUE
    if isinstance(value, bool):
        return value
    raise fault(f"{_shown(value)} is neither true nor false", "true or false")


def _integer(value: Any) -> Any:
    number = _scalar(value) if isinstance(value, Plain) else value
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    raise fault(f"{_shown(value)} is no whole number", "a whole number")


def _number(value: Any) -> Any:
    number = _scalar(value) if isinstance(value, Plain) else value
    if isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number):
        return number
    raise fault(f"{_shown(value)} is no number", "a number")


def _shown(value: Any) -> str:
    if isinstance(value, str) and not isinstance(value, Plain) and not isinstance(_scalar(Plain(value)), str):
        return f"{value[:80]!r} in quotes is a text: it"
    return shown(value)


def shown(value: Any) -> str:
    """A value as a message names it."""
    if isinstance(value, str):
        return f"{str(value)[:80]!r}"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else repr(value)[:80]


def _duration(text: str) -> str:
    if not DURATION.fullmatch(text):
        raise fault(f"{text[:80]!r} is no duration", "an ISO-8601 duration such as P30D, P2Y or PT6H")
    return text


def _moment(text: str) -> str:
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time()).isoformat() + "Z"
        found = datetime.fromisoformat(text)
    except ValueError:
        raise fault(f"{text[:80]!r} is no moment", "a date, or a time such as 2026-03-01T12:00:00Z") from None
    if found.tzinfo is None:
        raise fault(f"{text[:80]!r} has no time zone", "a time such as 2026-03-01T12:00:00Z")
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise fault(f"{text[:80]!r} is no date", "a date such as 2026-03-01") from None


def _named(text: str) -> str:
    try:
        return check_name(text)
    except WrongReference as wrong:
        raise fault(str(wrong), wrong.expected) from None


def order(item: Any) -> str:
    """What members of a set are sorted by."""
    if isinstance(item, BaseModel):
        item = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return item if isinstance(item, str) else json.dumps(item, sort_keys=True)


def _distinct(items: list[T]) -> list[T]:
    """Each member of a set once, in an order of their own: how they were written means nothing."""
    if len(items) < 2:
        return items
    return [item for _, item in sorted({order(item): item for item in items}.items(), key=lambda pair: pair[0])]


Text = Annotated[str, Field(max_length=100_000)]
"""Words for people; Markdown where descriptions are shown."""
Word = Annotated[str, Field(min_length=1, max_length=1_000)]
Wide = Annotated[str, Field(min_length=1, max_length=500_000)]
"""A namespace or a name as events spell it."""
Named = Annotated[str, AfterValidator(_named), Field(max_length=500)]
"""The name of a kind without a namespace."""
Truth = Annotated[bool, BeforeValidator(_truth)]
Integer = Annotated[int, BeforeValidator(_integer)]
Number = Annotated[float, BeforeValidator(_number)]
Duration = Annotated[str, AfterValidator(_duration), Field(json_schema_extra={"format": "duration"})]
"""ISO-8601."""
Moment = Annotated[str, AfterValidator(_moment)]
"""A date (its first instant in UTC) or a time with a zone; kept in UTC."""
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
COUNTRY = r"^[A-Z]{2}$"
Country = Annotated[str, Field(pattern=COUNTRY, examples=["DE"])]
"""ISO 3166-1 alpha-2."""
Free = Annotated[Any, BeforeValidator(resolve), WithJsonSchema({})]
"""Any JSON value."""
Several = Annotated[list[T], AfterValidator(_distinct)]
"""A set: order and repetition mean nothing."""


class Refers:
    """Makes a text a reference to one of some kinds; it is kept in its full spelling."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds: Sequence[Kind] = kinds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._spelled, core_schema.str_schema())

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        words = "|".join(kind.lower() for kind in self.kinds)
        if len(self.kinds) == 1:
            return {"type": "string", "pattern": f"^({words}:.+|[^:]+)$", "examples": [example(self.kinds)]}
        return {"type": "string", "pattern": f"^({words}):.+$", "examples": [f"{self.kinds[0].lower()}:NAME"]}

    def _spelled(self, text: str) -> str:
        try:
            return str(spell(parse(text, self.kinds)))
        except WrongReference as wrong:
            raise fault(str(wrong), wrong.expected) from None


OwnerRef = Annotated[str, Refers(Kind.TEAM, Kind.PERSON)]
TeamRef = Annotated[str, Refers(Kind.TEAM)]
PersonRef = Annotated[str, Refers(Kind.PERSON)]
DomainRef = Annotated[str, Refers(Kind.DOMAIN)]
TermRef = Annotated[str, Refers(Kind.TERM)]
TagRef = Annotated[str, Refers(Kind.TAG)]
ActivityRef = Annotated[str, Refers(Kind.PROCESSING_ACTIVITY)]
ContractRef = Annotated[str, Refers(Kind.CONTRACT)]
ProductRef = Annotated[str, Refers(Kind.DATA_PRODUCT)]
SourceRef = Annotated[str, Refers(Kind.SOURCE)]
EnvironmentRef = Annotated[str, Refers(Kind.ENVIRONMENT)]
PolicyRef = Annotated[str, Refers(Kind.POLICY)]
SloRef = Annotated[str, Refers(Kind.SLO)]
