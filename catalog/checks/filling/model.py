"""What policies see of models, of their versions and of where these run."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling import serving
from catalog.checks.filling.entity import ENTITY, Filler, block, told
from catalog.checks.filling.known import Known, model_of, version_of
from catalog.checks.snapshot import Thing


def runs(known: Known, thing: Thing) -> list[str]:
    """The runs that trained a version."""
    trained = block(thing.document.get("trainedBy")).get("run")
    return sorted({run.id for run in thing.observed.runs} | ({str(trained)} if trained else set()))


def served(known: Known, thing: Thing) -> list[Thing]:
    """The versions that a deployment serves, the champion of its model first."""
    found = [known.snapshot.things[id_] for id_ in thing.observed.serves if id_ in known.snapshot.things]
    versions = [one for one in found if one.key.kind is Kind.MODEL_VERSION]
    return sorted(versions, key=lambda one: (known.champions.get(model_of(one)) != version_of(one), one.key))


def _of_first(what: Any) -> Filler:
    def filled(known: Known, thing: Thing) -> Any:
        first = next(iter(served(known, thing)), None)
        return None if first is None else what(known, first)

    return filled


MODEL: dict[str, Filler] = {
    **ENTITY,
    **serving.MODEL,
    "registry": lambda known, thing: thing.key.namespace,
    "champion": lambda known, thing: known.champions.get(thing.key),
}
MODEL_VERSION: dict[str, Filler] = {
    **ENTITY,
    **serving.MODEL_VERSION,
    "version": lambda known, thing: version_of(thing),
    "aliases": lambda known, thing: sorted(thing.observed.aliases),
    "runs": runs,
}
DEPLOYMENT: dict[str, Filler] = {
    **ENTITY,
    **serving.DEPLOYMENT,
    "model": _of_first(lambda known, version: model_of(version).name),
    "version": _of_first(lambda known, version: version_of(version)),
    "champion": _of_first(lambda known, version: known.champions.get(model_of(version))),
    "environment": lambda known, thing: thing.key.namespace,
    "status": lambda known, thing: block(thing.attributes.get("custom")).get("status"),
}
WAIVER: dict[str, Filler] = {
    "id": lambda known, thing: thing.id,
    "name": lambda known, thing: thing.key.name,
    "policy": lambda known, thing: str(told(thing, "policy") or "").removeprefix("policy:") or None,
}
FLOW: dict[str, Filler] = {
    **ENTITY,
    "from": lambda known, thing: [str(block(one).get("name")) for one in thing.document.get("from") or ()],
    "to": lambda known, thing: [str(name) for name in [block(thing.document.get("to")).get("name")] if name],
}
