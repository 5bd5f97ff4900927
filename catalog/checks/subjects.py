"""What policies see of things: the members that each kind of subject has, and subjects completed to them.

Every member is always there: a scalar that nobody stated is null, a list is empty, a block is a block of nulls. So
`dataset.location.country == 'DE'` never fails for want of a key, and a name that no subject has is a mistake that is
found when a policy is loaded, not a policy that quietly never applies. Moments are ISO-8601 texts: `timestamp(x)` reads
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.checks import subjects_in_law as in_law
from catalog.checks import subjects_in_operation as in_operation
from catalog.checks.engine import Bound, Engine
from catalog.manifest.validating import nearest

Shape = dict[str, Any]
"""Member -> None (a scalar), [] (a list of scalars), [Shape] (a list of blocks), Shape (a block) or ANY."""
ANY: Any = object()
"""Any JSON value; what is below it is not known, so not checked."""

_VOUCHED: Shape = {
    **{"name": None, "framework": None, "ref": None, "statement": None, "owner": None},
    **{"date": None, "review": None, "evidence": None},
}
"""What somebody vouches for; `evidence` is how many pieces of it there are."""
_ENTITY: Shape = {
    **{"id": None, "kind": None, "namespace": None, "name": None, "description": None},
    **{"owners": [], "inactive_owners": [], "steward": None, "domain": None, "tier": None, "critical": None},
    **{"lifecycle": None, "classification": None, "tags": [], "propagated": [], "terms": []},
    "location": {"region": None, "country": None, "jurisdiction": None, "zone": None},
    "personal_data": in_law.PERSONAL,
    "retention": in_law.RETENTION,
    "quality": {"freshness": None, "completeness": None, "accuracy": None},
    "protection": dict.fromkeys(("access", "masking", "encrypted_at_rest", "encrypted_in_transit", "audited")),
    "custom": ANY,
    "attestations": [_VOUCHED],
    **in_law.ENTITY,
}
_FIELD: Shape = {
    **{"id": None, "name": None, "type": None, "description": None, "classification": None, "tags": [], "terms": []},
    **{"masking": None, "legal_basis": None, "necessity": None, "critical": None, "personal_data": in_law.PERSONAL},
    **in_law.FIELD,
    "sources": [{"id": None, "name": None, "level": None, "classification": None, "tags": [], "masking": None}],
    **{"level": None, "stated_classification": None, "stated_level": None, "propagated": [], "influenced": []},
    "stops": [],
}
_COLUMN: Shape = {"name": None, "type": None, "description": None, "classification": None, "level": None, "tags": []}
_DATASET: Shape = {
    **_ENTITY,
    **{"type": None, "source": None, "contract": None, "external": None, "authoritative": None},
    **{"producers": [], "consumers": [], "last_written": None, "last_read": None, "cadence_hours": None},
    **{"schema_version": None, "contract_version": None, "fields": [_COLUMN]},
    **in_law.DATASET,
    **in_operation.DATASET,
    "column_tags": [],
}
_MODEL: Shape = {
    **_ENTITY,
    **in_law.MODEL,
    **in_operation.MODEL,
    **{"registry": None, "purpose": None, "champion": None},
}
SHAPES: dict[str, Shape] = {
    "entity": _ENTITY,
    "dataset": _DATASET,
    "field": _FIELD,
    "job": {
        **_ENTITY,
        **in_law.JOB,
        **in_operation.JOB,
        **{"purpose": None, "source_code": None, "activities": [], "inputs": [], "outputs": [], "last_run": None},
        "failed_runs": [{"id": None, "ended": None, "incident": None}],
    },
    "run": {"id": None, "state": None, "started": None, "ended": None, "job": _ENTITY, "inputs": [], "outputs": []},
    "model": _MODEL,
    "model_version": {
        **_ENTITY,
        **in_law.MODEL_VERSION,
        **in_operation.MODEL_VERSION,
        **{"version": None, "model": _MODEL, "aliases": [], "training_data": [], "runs": []},
    },
    "deployment": {
        **_ENTITY,
        **in_law.DEPLOYMENT,
        **in_operation.DEPLOYMENT,
        **{"model": None, "version": None, "champion": None, "environment": None, "status": None},
    },
    "flow": {**_ENTITY, "from": [], "to": []},
    "metric": {**_ENTITY, "metric": None, "dataset": None, "field": None, "value": None, "measured": None},
    "waiver": {"id": None, "name": None, "policy": None, "approver": None, "reason": None, "expires": None},
    "attestation": {**_VOUCHED, "id": None},
    "activity": {**_ENTITY, **in_law.ACTIVITY},
    "erasure_request": in_law.ERASURE_REQUEST,
    "node": {**_ENTITY, **in_law.NODE, "transfer": in_law.TRANSFER, "external": None, "agreement": None},
    "edge": {**in_law.EDGE, "masking": None, "anonymized": None, "type": None, "subtype": None, "job": None},
    "population": {"total": None, "matching": None, "share": None},
}
SHAPES["source"] = SHAPES["sink"] = SHAPES["node"]
SHAPES["path"] = {"length": None, "nodes": [], "edges": [SHAPES["edge"]]}


class WrongSubject(Exception):
    """Facts that no such subject can have: an unknown member, or one of another form."""


def no_member(subject: str, path: Sequence[str], shape: Any) -> str:
    """What is wrong with a path whose last name is no member of the shape before it, with the nearest one."""
    near = nearest(path[-1], shape) if isinstance(shape, dict) else ""
    return f"`{subject}` has no member `{'.'.join(path)[:80]}`" + (f"; did you mean {near}?" if near else "")


def complete(shape: Shape, given: Any, path: str) -> dict[str, Any]:
    """Facts with every member of their shape.

    Raises:
        WrongSubject: a member is unknown, or is no list or no block where one is needed.
    """
    if given is None or given == {}:
        return _nothing(shape)
    if not isinstance(given, Mapping):
        raise WrongSubject(f"`{path}` is {type(given).__name__}, not an object")
    for name in given:
        if name not in shape:
            raise WrongSubject(no_member(path, [str(name)], shape))
    return {name: member(form, given.get(name), f"{path}.{name}") for name, form in shape.items()}


def _nothing(shape: Shape) -> dict[str, Any]:
    """What is known of nobody; made once for each shape and shared, since nothing changes what it is given."""
    found = _NOTHING.get(id(shape))
    if found is None:
        found = _NOTHING[id(shape)] = {name: member(form, None, name) for name, form in shape.items()}
    return found


_NOTHING: dict[int, dict[str, Any]] = {}


def member(form: Any, given: Any, path: str) -> Any:
    """What is known of one member, in the form that its shape has.

    Raises:
        WrongSubject: it has another form.
    """
    if form is ANY:
        return {} if given is None else plain(given)
    if isinstance(form, dict):
        return complete(form, given, path)
    if isinstance(form, list):
        if given is not None and not isinstance(given, list | tuple | set | frozenset):
            raise WrongSubject(f"`{path}` is {type(given).__name__}, not a list")
        items = sorted(given) if isinstance(given, set | frozenset) else given or []
        return [complete(form[0], item, path) if form else _scalar(item, path) for item in items]
    return _scalar(given, path)


def _scalar(given: Any, path: str) -> Any:
    if isinstance(given, Mapping | list | tuple | set | frozenset):
        raise WrongSubject(f"`{path}` is {type(given).__name__}, not a single value")
    return plain(given)


def plain(value: Any) -> Any:
    """A value in the exact types that engines take; moments become ISO-8601 texts."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class Subject:
    """One thing as policies see it; judged by many, it is made ready for an engine once.

    Attributes:
        target: which kind of subject.
        id: what findings cite.
        variables: completed, by name; without `now` and `params`.
    """

    def __init__(self, target: str, id: str, variables: dict[str, Any]) -> None:
        self.target = target
        self.id = id
        self.variables = variables
        self._ready: dict[tuple[str, str, datetime], Bound] = {}

    def bound(self, engine: Engine, params: dict[str, Any], now: datetime) -> Bound:
        """Its variables with `now` and `params`, ready for an engine."""
        key = (engine.name, repr(params) if params else "", now)
        found = self._ready.get(key)
        if found is None:
            found = self._ready[key] = engine.bind({**self.variables, "now": now, "params": params})
        return found


def names(target: str) -> tuple[str, ...]:
    """The variables of a policy of type entity, besides `now` and `params`; `entity` is the target by another name."""
    return tuple(dict.fromkeys((target, *(("dataset",) if target == "field" else ()), "entity")))


def subject(target: str, facts: Mapping[str, Any], id: str = "") -> Subject:
    """A subject out of what is known of it.

    Args:
        target: of `SHAPES`.
        facts: by variable; what is not given is unknown. `entity` may stand for the target.
        id: what findings cite; without it the `id`, or else the name, that the facts have.

    Raises:
        WrongSubject: facts that no such subject can have.
    """
    given = dict(facts)
    if "entity" in given and target not in given:
        given[target] = given["entity"]
    if unknown := [name for name in given if name not in names(target)]:
        raise WrongSubject(f"a policy about a {target} has no variable `{unknown[0]}`")
    ready = {name: complete(SHAPES[name], given.get(name), name) for name in names(target) if name != "entity"}
    ready["entity"] = ready[target]
    return Subject(target, id or str(ready[target].get("id") or ready[target].get("name") or ""), ready)
