"""Our own facets about models: how a version was trained, which version a dataset is, and where one is deployed.

OpenLineage has none (proposal #4035 is open), so these have schemas of their own, in `schema/facets/`, and a page for
producers, docs/models.md.
"""

from __future__ import annotations

from typing import NamedTuple

from catalog.assets.keys import REGISTRY
from catalog.identity import Name
from catalog.lineage.assertions import Json
from catalog.lineage.facets.part import Part

TRAINING, MODEL, DEPLOYMENT = "headwater_mlTraining", "headwater_mlModel", "headwater_mlDeployment"
HEALTH = ("HEALTHY", "DEGRADED", "FAILED")


class DataUse(NamedTuple):
    """A dataset that trained or evaluated a model: in which version, which columns of it (none: not said)."""

    name: Name
    version: str | None
    columns: tuple[str, ...]


class Training(NamedTuple):
    """What a training run was given and reached (headwater_mlTraining 1-0-0).

    Attributes:
        params, metrics: by the producer's own names.
        seed: of the random numbers.
        code_version: such as a commit.
        trained_on: more about inputs of the run; lineage comes from the inputs themselves.
    """

    framework: str | None
    framework_version: str | None
    params: dict[str, Json]
    metrics: dict[str, float]
    seed: str | None
    code_version: str | None
    trained_on: tuple[DataUse, ...]
    evaluated_on: tuple[DataUse, ...]


class Artifact(NamedTuple):
    """A file of a model version; `digest` as `sha256:…`, the size in bytes."""

    name: str
    uri: str | None
    digest: str | None
    size: int | None


class VersionKey(NamedTuple):
    """A version of a model in a registry."""

    registry: str
    model: str
    version: str

    @property
    def name(self) -> Name:
        """The dataset that it is in lineage."""
        return Name(self.registry, f"{self.model}/{self.version}")


class ModelVersion(NamedTuple):
    """Which version of which model a dataset is (headwater_mlModel 1-0-0).

    Attributes:
        aliases: names that point at this version from now on, and at no other of the model.
        removed_aliases: names that point at no version of the model any more.
        stage: of registries that have stages, such as `Production`.
        flavor: such as `sklearn`.
        signature: inputs and outputs as the registry tells them.
        card: the model card, a text or an object.
    """

    key: VersionKey
    aliases: tuple[str, ...]
    removed_aliases: tuple[str, ...]
    stage: str | None
    flavor: str | None
    signature: Json
    card: Json
    artifacts: tuple[Artifact, ...]


class Served(NamedTuple):
    """A model version behind a deployment; from and to (microseconds), where they are not simply "from now on"."""

    key: VersionKey
    since: int | None
    until: int | None


class Deployment(NamedTuple):
    """All that a deployment serves from the event's time on (headwater_mlDeployment 1-0-0); empty: it ended.

    Attributes:
        health: HEALTHY, DEGRADED or FAILED, or None where nothing is said.
    """

    environment: str
    name: str
    versions: tuple[Served, ...]
    region: str | None
    health: str | None


def training(part: Part) -> Training:
    """`headwater_mlTraining`."""
    measured = part.part("metrics")
    read = {} if measured is None else {name: measured.number(name) for name in measured.members}
    return Training(
        part.text("framework"),
        part.text("frameworkVersion"),
        part.mapping("params"),
        {name: value for name, value in read.items() if value is not None},
        part.text("seed"),
        part.text("codeVersion"),
        part.parts("trainingDatasets", _use),
        part.parts("evaluationDatasets", _use),
    )


def model(part: Part) -> ModelVersion | None:
    """`headwater_mlModel`; without a model and a version it says nothing."""
    key = _key(part)
    if key is None:
        return None
    signature = part.mapping("signature")
    return ModelVersion(
        key,
        part.texts("aliases"),
        part.texts("removedAliases"),
        part.text("stage"),
        part.text("flavor"),
        signature or None,
        part.members.get("card"),
        part.parts("artifacts", _artifact),
    )


def deployment(part: Part) -> Deployment | None:
    """`headwater_mlDeployment`; it names its version, or several, or says that it ended."""
    name, environment = _needed(part, "deployment"), _needed(part, "environment")
    health = (part.text("health") or "").upper() or None
    if health not in (None, *HEALTH):
        part.complain("health", f"{health[:80]!r} is none of {', '.join(HEALTH)}, left out")
        health = None
    served: tuple[Served, ...] = ()
    if not part.flag("ended"):
        served = part.parts("modelVersions", _served)
        if "modelVersions" not in part.members:
            one = _served(part)
            served = (one,) if one else ()
        if not served:
            part.complain("modelVersions", "no model version, and not `ended`: left out")
            return None
    if name is None or environment is None:
        return None
    return Deployment(environment, name, served, part.text("region"), health)


def _needed(part: Part, key: str) -> str | None:
    """A part of a key: without it nothing is said, so an empty one is said to be missed."""
    value = part.needed(key)
    if value is None and part.members.get(key) == "":
        part.complain(key, "empty")
    return value


def _key(part: Part) -> VersionKey | None:
    name, version = _needed(part, "model"), _needed(part, "version")
    return VersionKey(part.text("registry") or REGISTRY, name, version) if name and version else None


def _served(part: Part) -> Served | None:
    key = _key(part)
    return Served(key, part.time("from"), part.time("to")) if key else None


def _use(part: Part) -> DataUse | None:
    namespace, name = part.needed("namespace"), part.needed("name")
    if not namespace or not name:
        return None
    return DataUse(Name(namespace, name), part.text("version"), part.texts("columns"))


def _artifact(part: Part) -> Artifact | None:
    name = part.needed("name")
    return Artifact(name, part.text("uri"), part.text("digest"), part.count("size")) if name else None
