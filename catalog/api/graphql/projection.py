"""Lists of plain objects -> lists of dicts, without asking the engine field by field.

graphql-core completes each field of each item by itself, 3-5 µs apiece: more than the walk through the graph that
found them. Where a list's items are read by attribute alone (no resolver, no arguments, no awaiting) the whole list is
projected at once by a plan made from the engine's own reading of the selection. Anything unexpected (a null where none
may be, a value that a scalar refuses) is left to the engine, which starts that list anew: so errors, their paths and
null propagation stay its own.
Source: engineering.md 2.2; graphql-core issue 189.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from enum import Enum
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    Undefined,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter

_INT32 = range(-(2**31), 2**31)

Put = Callable[[Any], Any]
"""A value of the service -> a value of the answer."""


class _Unfit(Exception):
    """This list, or this value, is the engine's business."""


class ProjectingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor with a short way for lists of plain objects; `projected` counts the lists that took it."""

    projected = 0

    def complete_iterable_value(
        self, item_type: Any, field_details_list: Any, info: Any, path: Any, items: Iterable[Any], position_context: Any
    ) -> Any:
        """Complete a list: at once where that can be done, else item by item."""
        try:
            put = self._plan_list(item_type, field_details_list)(items)
        except _Unfit:
            return super().complete_iterable_value(item_type, field_details_list, info, path, items, position_context)
        self.projected += 1
        return put

    def _plan_list(self, item_type: GraphQLOutputType, details: Any) -> Put:
        """How to put a list; made once per place in the document and request.

        Raises:
            _Unfit: the engine has to do it.
        """
        plans: dict[tuple[Any, int], Any] = self.__dict__.setdefault("_plans", {})
        place = (item_type, id(details))
        if place not in plans:
            try:
                plan: Put | None = _list_of(self._plan(item_type, details))
            except _Unfit:
                plan = None
            plans[place] = (plan, details)  # the details are kept: a freed list's id may be given to another
        plan = plans[place][0]
        if plan is None:
            raise _Unfit
        return plan

    def _plan(self, type_: GraphQLOutputType, details: Any) -> Put:
        if isinstance(type_, GraphQLNonNull):
            return _required(self._plan(type_.of_type, details))
        if isinstance(type_, GraphQLObjectType):
            return _optional(self._plan_object(type_, details))
        if isinstance(type_, GraphQLList):
            return _optional(_list_of(self._plan(type_.of_type, details)))
        if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
            return _optional(_leaf(type_))
        raise _Unfit  # interfaces and unions: which type it is takes a resolver

    def _plan_object(self, type_: GraphQLObjectType, details: Any) -> Put:
        wrapped = self.middleware_manager and self.middleware_manager.middlewares
        if wrapped or type_.is_type_of or any(_is_incremental(one) for one in details):
            raise _Unfit
        grouped, deferred, _ = self.collect_subfields(type_, details)
        if deferred:
            raise _Unfit
        fixed: dict[str, str] = {}
        keys, names, puts = [], [], []
        for key, wanted in grouped.items():
            name = wanted[0].node.name.value
            if name == "__typename":
                fixed[key] = type_.name
                continue
            field = self.schema.get_field(type_, name)
            if field is None or field.args or wanted[0].node.arguments or not getattr(field.resolve, "_is_default", 0):
                raise _Unfit
            keys.append(key)
            names.append(field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].python_name)
            puts.append(self._plan(field.type, wanted))
        return _object_of(list(grouped), fixed, keys, names, puts)


def _is_incremental(details: Any) -> bool:
    return details.defer_usage is not None or any(d.name.value == "stream" for d in details.node.directives or ())


def _object_of(order: list[str], fixed: dict[str, str], keys: list[str], names: list[str], puts: list[Put]) -> Put:
    read = _reader(names)
    empty = dict.fromkeys(order)  # gives the answer's keys the order of the selection
    empty.update(fixed)

    def put(value: Any) -> Any:
        done: dict[str, Any] = empty.copy()
        for key, put_one, part in zip(keys, puts, read(value), strict=True):
            done[key] = put_one(part)
        return done

    return put


def _reader(names: list[str]) -> Callable[[Any], Iterable[Any]]:
    if not names:
        return lambda _: ()
    if len(names) == 1:
        (name,) = names
        return lambda value: (getattr(value, name),)
    return attrgetter(*names)


def _list_of(put_one: Put) -> Put:
    def put(value: Any) -> Any:
        if type(value) is not list and type(value) is not tuple:
            raise _Unfit
        try:
            return [put_one(item) for item in value]
        except _Unfit:
            raise
        except Exception as e:  # whatever it is, the engine meets it again and reports it with its path
            raise _Unfit from e

    return put


def _optional(put_one: Put) -> Put:
    return lambda value: None if value is None else put_one(value)


def _required(put_one: Put) -> Put:
    def put(value: Any) -> Any:
        if value is None:
            raise _Unfit
        return put_one(value)

    return put


def _leaf(type_: GraphQLScalarType | GraphQLEnumType) -> Put:
    """Values of exactly the right kind pass; members of enums are spelled once; all else goes through the type."""
    fits = _FITS.get(type_.name, lambda _: False) if isinstance(type_, GraphQLScalarType) else lambda _: False
    spelled: dict[Enum, Any] = {}

    def put(value: Any) -> Any:
        if fits(value):
            return value
        if isinstance(value, Enum) and value in spelled:
            return spelled[value]
        done = type_.coerce_output_value(value)
        if done is None or done is Undefined:
            raise _Unfit
        if isinstance(value, Enum):
            spelled[value] = done
        return done

    return put


def _is_text(value: Any) -> bool:
    return type(value) is str


_FITS: dict[str, Callable[[Any], bool]] = {
    "String": _is_text,
    "ID": _is_text,
    "Boolean": lambda value: type(value) is bool,
    "Int": lambda value: type(value) is int and value in _INT32,
    "Float": lambda value: type(value) is float and math.isfinite(value),
}
