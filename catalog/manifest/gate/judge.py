"""Judge a change of manifests: what it takes from those who rely on what was declared.

A change that breaks is a breach (an error) where a contract in force covers what it touches, and a warning where none
does. It is only announced (a note) if the contract raises its major version in the same change; in a version 0 the
minor one does. A contract that is a draft, or retired, binds nobody. What a dataset does not keep of its contract is a
breach if this change made it so, and a warning if it was so before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.assets.attributes import LEVELS, SCALE, Strictness, levels_of, strictness
from catalog.assets.keys import Key, Kind
from catalog.lineage.schema_diff import diff
from catalog.lineage.schemas import Column, Path
from catalog.manifest.durations import seconds
from catalog.manifest.gate import findings as rules
from catalog.manifest.gate.contracts import UNBOUND, Contract, Promise, contracts_of
from catalog.manifest.gate.findings import At, Finding, Level, Rule, Start
from catalog.manifest.gate.types import Fit, compare, is_a

Document = Mapping[str, Any]
State = Mapping[Key, Document]
Places = Mapping[Key, At]
_LINEAGE = ("inputs", "outputs", "from", "to", "columns", "trainedOn", "evaluatedOn", "modelVersions")
_WALKED = {Kind.DATASET, Kind.PIPELINE, Kind.DASHBOARD, Kind.MODEL_VERSION, Kind.DEPLOYMENT}
_STARTING = {rules.COLUMN_DROPPED, rules.COLUMN_RENAMED, rules.TYPE_NARROWED, rules.TYPE_CHANGED, rules.NULLABLE}


class _Change(NamedTuple):
    """One difference; `breaking` says whether somebody may rely on what went."""

    rule: Rule
    field: str
    message: str
    breaking: bool = True


def judge(
    before: State,
    after: State,
    places: Places,
    old_places: Places | None = None,
    levels: Sequence[str] = LEVELS,
) -> tuple[Finding, ...]:
    """What the change from one set of declared entities to another does to those who rely on them.

    Args:
        before, after: canonical documents by key.
        places: where the documents stand; `old_places`: where they stood.
        levels: of classification, where no document among these is their scale.
    """
    scale = after.get(SCALE) or before.get(SCALE)
    strict = strictness(levels_of(scale, levels))
    old, new = contracts_of(before), contracts_of(after)
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None or was == now:
            continue
        at = places.get(key) or (old_places or {}).get(key)
        for change in _changes(key, was, now, before, after, strict):
            level, contract = _weight(key, change, old, new)
            rule = change.rule if change.breaking else rules.COMPATIBLE
            found.append(Finding(rule, level, key, change.field, change.message, contract, at))
    seen = {(finding.key, finding.field) for finding in found if finding.level is Level.ERROR}
    found += [one for one in _broken(before, after, old, new, places) if (one.key, one.field) not in seen]
    weights = list(Level)
    return tuple(sorted(found, key=lambda f: (weights.index(f.level), f.key, f.field, f.rule.id, f.message)))


def starts(before: State, after: State, found: tuple[Finding, ...]) -> tuple[Start, ...]:
    """Where the walk for the impact begins: what was removed, what changed for its readers, whose lineage changed."""
    begun: dict[tuple[Key, str], Start] = {}
    for key in sorted(before.keys() & _walkable(before)):
        was, now = before[key], after.get(key)
        if now is None:
            begun[key, ""] = Start(key, "", "declared no more")
        elif any(was.get(name) != now.get(name) for name in _LINEAGE):
            begun[key, ""] = Start(key, "", "its declared lineage changed")
    for finding in found:
        key = finding.key
        if finding.rule in _STARTING and key.kind is Kind.DATASET and (key, "") not in begun:
            begun.setdefault((key, finding.field), Start(key, finding.field, finding.message))
    return tuple(begun[place] for place in sorted(begun))


def _walkable(state: State) -> set[Key]:
    return {key for key in state if key.kind in _WALKED}


def _weight(key: Key, change: _Change, old: list[Contract], new: list[Contract]) -> tuple[Level, Key | None]:
    if not change.breaking:
        return Level.NOTE, None
    versions = {contract.key: contract for contract in new}
    covering = [contract for contract in old if contract.in_force and contract.covers(key, change.field)]
    for contract in covering:
        if not contract.announced_by(versions.get(contract.key)):
            return Level.ERROR, contract.key
    if covering:
        return Level.NOTE, covering[0].key
    return (Level.NOTE if key.kind is Kind.CONTRACT else Level.WARNING), None


def _changes(
    key: Key, was: Document, now: Document | None, before: State, after: State, strict: Strictness
) -> Iterator[_Change]:
    if key.kind is Kind.CONTRACT:
        if now is None:
            yield _Change(rules.CONTRACT_REMOVED, "", "declared no more")
        else:
            yield from _of_contract(Contract.of(key, was, before), Contract.of(key, now, after), strict)
    elif now is None:
        if key.kind is Kind.DATASET:
            yield _Change(rules.DATASET_REMOVED, "", "declared no more")
        return
    elif key.kind is Kind.DATASET:
        yield from _of_columns(Promise.of_dataset(key, was), Promise.of_dataset(key, now), strict)
    if now is not None:
        yield from _of_entity(was, now, strict)


def _of_contract(old: Contract, new: Contract, strict: Strictness) -> Iterator[_Change]:
    kept = {promise.name: promise for promise in new.promises}
    for promise in old.promises:
        if promise.name in kept:
            prefix = f"{promise.name}." if len(old.promises) > 1 else ""
            yield from _of_columns(promise, kept[promise.name], strict, prefix)
        else:
            yield _Change(rules.DATASET_REMOVED, promise.name, f"the contract covers {promise.name} no more")
    for name, level in sorted(old.service_levels.items()):
        now = new.service_levels.get(name)
        rule = rules.RETENTION_SHORTENED if level.property.lower() == "retention" else rules.SERVICE_LEVEL_LOST
        if now is None:
            yield _Change(rules.SERVICE_LEVEL_LOST, "", f"{name} was {level}, nothing is promised now")
        elif now != level:
            yield _Change(rule, "", f"{name} was {level}, is {now}", breaking=now.weaker_than(level))
    for name in sorted(new.service_levels.keys() - old.service_levels.keys()):
        yield _Change(rules.COMPATIBLE, "", f"{name} is promised now: {new.service_levels[name]}", breaking=False)
    if old.version != new.version:
        yield _Change(rules.COMPATIBLE, "", f"version {old.version} became {new.version}", breaking=False)
    if old.status != new.status:
        gone = old.in_force and new.status in UNBOUND
        yield _Change(
            rules.CONTRACT_REMOVED, "", f"was {old.status or 'of no status'}, is {new.status or 'of none'}", gone
        )


def _of_columns(old: Promise, new: Promise, strict: Strictness, prefix: str = "") -> Iterator[_Change]:
    if not old.columns or not new.columns:  # saying nothing of columns takes none away
        if old.columns:
            yield _Change(rules.COMPATIBLE, prefix.rstrip("."), "its columns are not declared any more", breaking=False)
        return
    found = diff(_flat(old), _flat(new))
    for renamed in found.renamed:
        before, after = _dotted(renamed.old), _dotted(renamed.new)
        yield _Change(rules.COLUMN_RENAMED, prefix + before, f"probably renamed to {after}")
    for path, column in found.removed.items():
        yield _Change(
            rules.COLUMN_DROPPED, prefix + _dotted(path), f"dropped (was {column.type or 'of no known type'})"
        )
    for path in found.added:
        yield _Change(rules.COMPATIBLE, prefix + _dotted(path), "added", breaking=False)
    for path, said in old.columns.items():
        if path in new.columns:
            yield from _of_column(prefix + _dotted(path), said, new.columns[path], strict)


def _retyped(field: str, was: Document, now: Document) -> _Change | None:
    """The store's types are compared, or if only one side has one, the logical types."""
    before, after = ((_text(side.get("type")) or _text(side.get("logicalType"))) for side in (was, now))
    if not (was.get("type") and now.get("type")) and was.get("logicalType") and now.get("logicalType"):
        before, after = str(was["logicalType"]), str(now["logicalType"])
    if before == after:
        return None
    message = f"type {before or 'unknown'} became {after or 'unknown'}"
    if before is None or after is None:
        return _Change(rules.COMPATIBLE, field, message, breaking=False)
    fit = compare(before, after)
    if fit in (Fit.SAME, Fit.WIDER):
        return _Change(rules.COMPATIBLE, field, f"{message}, which holds as much", breaking=False)
    return _Change(rules.TYPE_NARROWED if fit is Fit.NARROWER else rules.TYPE_CHANGED, field, message)


def _of_column(field: str, was: Document, now: Document, strict: Strictness) -> Iterator[_Change]:
    retyped = _retyped(field, was, now)
    if retyped:
        yield retyped
    if was.get("nullable") is False and now.get("nullable") is not False:
        yield _Change(rules.NULLABLE, field, "was required, may be empty now")
    elif was.get("nullable") is not False and now.get("nullable") is False:
        yield _Change(rules.COMPATIBLE, field, "is required now", breaking=False)
    for name, words in (("key", "part of the key"), ("unique", "unique")):
        if was.get(name) and not now.get(name):
            yield _Change(rules.REQUIRED_LOST, field, f"was {words}, is not any more")
    yield from _of_classification(field, was, now, strict)


def _of_classification(field: str, was: Document, now: Document, strict: Strictness) -> Iterator[_Change]:
    before, after = was.get("classification"), now.get("classification")
    if not before or before == after:
        return
    if not after:
        yield _Change(rules.CLASSIFICATION_LOWERED, field, f"was {before}, is not classified now")
    elif strict(str(after)) < strict(str(before)):
        yield _Change(rules.CLASSIFICATION_LOWERED, field, f"was {before}, is {after}")
    else:
        yield _Change(rules.COMPATIBLE, field, f"was {before}, is {after}", breaking=False)


def _of_entity(was: Document, now: Document, strict: Strictness) -> Iterator[_Change]:
    if was.get("owners") and not now.get("owners"):
        yield _Change(rules.OWNER_GONE, "", f"was owned by {_listed(was['owners'])}, is owned by nobody")
    yield from _of_classification("", was, now, strict)
    old, new = _period(was), _period(now)
    if old == new or old is None:
        return
    if new is None:
        yield _Change(rules.RETENTION_GONE, "", f"retention was {old}, is not stated now")
        return
    before, after = seconds(old), seconds(new)
    message = f"retention was {old}, is {new}"
    longer = before is not None and after is not None and after >= before
    yield _Change(rules.RETENTION_SHORTENED, "", message, breaking=not longer)


def _broken(before: State, after: State, old: list[Contract], new: list[Contract], places: Places) -> Iterator[Finding]:
    debts = set(_unkept(before, old))
    for contract, key, field, message in _unkept(after, new):
        was_so = (contract, key, field, message) in debts
        level = Level.WARNING if was_so else Level.ERROR
        words = f"{message}; it was so before" if was_so else message
        yield Finding(rules.PROMISE_BROKEN, level, key, field, words, contract, places.get(key) or places.get(contract))


def _unkept(state: State, contracts: list[Contract]) -> Iterator[tuple[Key, Key, str, str]]:
    """What datasets declare otherwise than their contracts promise: contract, dataset, column, words."""
    for contract in contracts:
        for promise in contract.promises if contract.in_force else ():
            document = state.get(promise.dataset) if promise.dataset else None
            if document is None or promise.dataset is None:
                continue
            declared = Promise.of_dataset(promise.dataset, document)
            if not declared.columns:
                continue
            for path, promised in promise.columns.items():
                message = _kept(promised, declared.columns.get(path))
                if message:
                    yield contract.key, promise.dataset, _dotted(path), message


def _kept(promised: Document, column: Document | None) -> str:
    """How a column is not what was promised; empty if it is."""
    if column is None:
        return "promised, and not declared"
    wanted, got = promised.get("type") or promised.get("logicalType"), column.get("type")
    if wanted and got:
        kept = compare(str(got), str(wanted)) in (Fit.SAME, Fit.WIDER) if promised.get("type") else is_a(got, wanted)
        if not kept:
            return f"promised as {wanted}, declared as {got}"
    if promised.get("nullable") is False and column.get("nullable") is True:
        return "promised as required, declared as nullable"
    return ""


def _flat(promise: Promise) -> dict[Path, Column]:
    return {path: Column(_text(column.get("type"))) for path, column in promise.columns.items()}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _dotted(path: Path) -> str:
    return ".".join(path)


def _period(document: Document) -> str | None:
    retention = document.get("retention")
    period = retention.get("duration") if isinstance(retention, Mapping) else None
    return None if period is None else str(period)


def _listed(owners: Any) -> str:
    return ", ".join(map(str, owners))
