"""What a document says about other things: references, and the lineage that it declares.

Pure and lenient: it reads canonical documents, those written by other versions too, and passes over what it cannot
understand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind, dataset_of, job_of
from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge, DeclaredFlow
from catalog.manifest.references import WrongReference, refer

READS, WRITES, DERIVES_FROM = "READS", "WRITES", "DERIVES_FROM"
DIRECT = "DIRECT"
Body = dict[str, Any]


Reference = tuple[str, Key]
"""An entity that a document refers to, and as what (one of `ROLES`)."""
ColumnFlow = tuple[Name, ColumnEdge]
"""A declared edge between columns: `out` is the column of the named dataset that is made."""


class Meaning(NamedTuple):
    """The parts of `assertions.Declared` that follow from a document; each sorted and distinct."""

    refs: tuple[Reference, ...] = ()
    flows: tuple[DeclaredFlow, ...] = ()
    columns: tuple[ColumnFlow, ...] = ()


def meaning(key: Key, document: Body) -> Meaning:
    """What a canonical document says about other entities and about lineage; never raises for its content."""
    return Meaning(
        tuple(sorted(set(_references(key, document)))),
        tuple(sorted(set(_flows(key, document)))),
        tuple(sorted(set(_columns(key, document)))),
    )


class _Role(NamedTuple):
    """Where a role's references stand: a path of keys, through lists too, and the kinds that a bare name may be."""

    role: str
    path: tuple[str, ...]
    kinds: tuple[Kind, ...]


def _role(role: str, path: str, *kinds: Kind) -> _Role:
    return _Role(role, tuple(path.split(".")) if path else (), kinds)


_OWNER = (Kind.TEAM, Kind.PERSON)
_ASSET = (
    Kind.DATASET,
    Kind.PIPELINE,
    Kind.DASHBOARD,
    Kind.MODEL,
    Kind.MODEL_VERSION,
    Kind.DEPLOYMENT,
)
_EVERY = (
    _role("owner", "owners", *_OWNER),
    _role("steward", "steward", *_OWNER),
    _role("domain", "domain", Kind.DOMAIN),
    _role("tag", "tags", Kind.TAG),
    _role("term", "terms", Kind.TERM),
    _role("slo", "quality.slos", Kind.SLO),
)
_SELECTED = (
    ("entity", "entities", ()),
    ("domain_selected", "domains", (Kind.DOMAIN,)),
    ("owner_selected", "owners", _OWNER),
    ("tag_selected", "tags", (Kind.TAG,)),
)


def _selector(path: str) -> tuple[_Role, ...]:
    return tuple(_role(role, f"{path}.{field}", *kinds) for role, field, kinds in _SELECTED)


_ROLES: dict[Kind, tuple[_Role, ...]] = {
    Kind.DATASET: (
        _role("input", "inputs", *_ASSET),
        _role("source", "source", Kind.SOURCE),
        _role("contract", "contract", Kind.CONTRACT),
        _role("column_tag", "fields.tags", Kind.TAG),
        _role("column_term", "fields.terms", Kind.TERM),
    ),
    Kind.PIPELINE: (
        _role("input", "inputs", *_ASSET),
        _role("output", "outputs", *_ASSET),
        _role("activity", "activities", Kind.PROCESSING_ACTIVITY),
        _role("environment", "environment", Kind.ENVIRONMENT),
    ),
    Kind.DASHBOARD: (_role("input", "inputs", *_ASSET),),
    Kind.MODEL: (),
    Kind.MODEL_VERSION: (
        _role("trained_by", "trainedBy.pipeline", Kind.PIPELINE),
        _role("trained_on", "trainedOn.dataset", Kind.DATASET),
        _role("evaluated_on", "evaluatedOn.dataset", Kind.DATASET),
    ),
    Kind.DEPLOYMENT: (
        _role("environment", "environment", Kind.ENVIRONMENT),
        _role("serves", "modelVersions", Kind.MODEL_VERSION),
    ),
    Kind.TEAM: (_role("parent", "parent", Kind.TEAM), _role("member", "members", Kind.PERSON)),
    Kind.PERSON: (),
    Kind.DOMAIN: (_role("parent", "parent", Kind.DOMAIN),),
    Kind.TERM: (_role("parent", "parent", Kind.TERM), _role("related", "related", Kind.TERM)),
    Kind.TAG: (_role("parent", "parent", Kind.TAG),),
    Kind.DATA_PRODUCT: (
        _role("member", "members", *_ASSET),
        _role("input", "inputs.asset", *_ASSET),
        _role("output", "outputs.asset", *_ASSET),
        _role("contract", "inputs.contract", Kind.CONTRACT),
        _role("contract", "outputs.contract", Kind.CONTRACT),
    ),
    Kind.CONTRACT: (
        _role("product", "dataProduct", Kind.DATA_PRODUCT),
        _role("covers", "schema.dataset", Kind.DATASET),
        _role("tag", "schema.tags", Kind.TAG),
        _role("column_tag", "schema.properties.tags", Kind.TAG),
        _role("column_term", "schema.properties.terms", Kind.TERM),
    ),
    Kind.DECLARED_LINEAGE: (
        _role("pipeline", "pipeline", Kind.PIPELINE),
        _role("from", "from", *_ASSET),
        _role("to", "to", *_ASSET),
    ),
    Kind.PROCESSING_ACTIVITY: (_role("pipeline", "pipelines", Kind.PIPELINE),),
    Kind.ERASURE_REQUEST: (
        _role("handler", "owner", *_OWNER),
        _role("keyed", "keys.dataset", Kind.DATASET),
        _role("leaf", "leaves.asset", *_ASSET),
    ),
    Kind.SOURCE: (_role("environment", "environment", Kind.ENVIRONMENT),),
    Kind.ENVIRONMENT: (),
    Kind.GRANT: (_role("principal", "principals", *_OWNER), *_selector("resources")),
    Kind.SLO: (_role("target", "targets", *_ASSET),),
    Kind.POLICY: _selector("population"),
    Kind.WAIVER: (
        _role("policy", "policy", Kind.POLICY),
        _role("entity", "entities"),
        _role("approver", "approver", *_OWNER),
        *_selector("select"),
    ),
    Kind.ATTESTATION: (_role("attester", "owner", *_OWNER), _role("entity", "entities"), *_selector("select")),
}
ROLES = frozenset(role.role for roles in (_EVERY, *_ROLES.values()) for role in roles) | {"version_of"}
"""Every role a reference may have."""
_HIERARCHIES = (Kind.DOMAIN, Kind.TERM, Kind.TAG)


def _references(key: Key, document: Body) -> Iterator[Reference]:
    for role in (*_EVERY, *_ROLES[key.kind]):
        for value in _at(document, role.path):
            if (found := _key(value, role.kinds)) is not None:
                yield role.role, found
    if key.kind in _HIERARCHIES and "/" in key.name and "parent" not in document:
        yield "parent", Key(key.kind, "", key.name.rpartition("/")[0])
    if key.kind is Kind.MODEL_VERSION:
        yield "version_of", Key(Kind.MODEL, key.namespace, key.name.rpartition("/")[0])


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value at a path of keys; lists on the way are gone through."""
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _key(value: Any, kinds: tuple[Kind, ...]) -> Key | None:
    if isinstance(value, dict) and "tag" in value:
        value = value["tag"]
    try:
        return refer(value, kinds)
    except WrongReference:
        return None


def _names(document: Body, path: str) -> Iterator[Name]:
    """The datasets behind the assets at a path."""
    for value in _at(document, tuple(path.split("."))):
        found = _key(value, _ASSET)
        if found is not None and (name := dataset_of(found)) is not None:
            yield name


def _flows(key: Key, document: Body) -> Iterator[DeclaredFlow]:
    job, dataset = job_of(key), dataset_of(key)
    if job is not None:
        yield from (DeclaredFlow(READS, job, name) for name in _names(document, "inputs"))
        yield from (DeclaredFlow(WRITES, job, name) for name in _names(document, "outputs"))
    elif key.kind is Kind.DECLARED_LINEAGE:
        for target in _names(document, "to"):
            yield from _through(_trainer(document.get("pipeline")), target, _names(document, "from"))
    elif dataset is not None and key.kind is Kind.MODEL_VERSION:
        by = document.get("trainedBy")
        trainer = _trainer(by.get("pipeline")) if isinstance(by, dict) else None
        yield from _through(trainer, dataset, _names(document, "trainedOn.dataset"))
    elif dataset is not None and key.kind is Kind.DEPLOYMENT:
        for value in _at(document, ("modelVersions",)):
            if isinstance(value, dict) and value.get("to") is not None:
                continue  # it ends: intervals are read as such, a flow would stay for ever
            served = _key(value, (Kind.MODEL_VERSION,))
            if served is not None and (source := dataset_of(served)) is not None:
                yield DeclaredFlow(DERIVES_FROM, dataset, source, DIRECT)
    elif dataset is not None:
        yield from (
            DeclaredFlow(DERIVES_FROM, dataset, name, DIRECT) for name in _names(document, "inputs") if name != dataset
        )


def _through(job: Name | None, target: Name, sources: Iterator[Name]) -> Iterator[DeclaredFlow]:
    """From sources to a target: through a job if there is one."""
    if job is not None:
        yield DeclaredFlow(WRITES, job, target)
    for source in sources:
        if job is not None:
            yield DeclaredFlow(READS, job, source)
        elif source != target:
            yield DeclaredFlow(DERIVES_FROM, target, source, DIRECT)


def _trainer(value: Any) -> Name | None:
    found = _key(value, (Kind.PIPELINE,)) if value is not None else None
    return None if found is None else job_of(found)


def _columns(key: Key, document: Body) -> Iterator[ColumnFlow]:
    listed = document.get("columns")
    if key.kind is not Kind.DECLARED_LINEAGE or not isinstance(listed, dict):
        return
    sources = list(_names(document, "from"))
    for target in _names(document, "to"):
        for out, derivations in listed.items():
            for value in derivations if isinstance(derivations, list) else []:
                edge = _edge(out, value, sources)
                if edge is not None:
                    yield target, edge


def _edge(out: str, value: Any, sources: list[Name]) -> ColumnEdge | None:
    if not isinstance(value, dict) or not isinstance(value.get("field"), str):
        return None
    named = next(_names(value, "dataset"), sources[0] if len(sources) == 1 else None)
    if named is None:
        return None
    return ColumnEdge(
        out=out,
        dataset=named,
        field=value["field"],
        type=str(value.get("type", DIRECT)),
        subtype=str(value.get("subtype", "")),
        masking=value.get("masking") is True,
        description=str(value.get("description", "")),
    )
