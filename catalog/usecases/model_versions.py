"""Answer "what is this model version": who trained it, on which data and columns, with what result, and where it is.

What events told and what manifests declare stand side by side, each with its origin (law 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.assets.keys import Key, Kind, entity_id, model_version
from catalog.graph import entities, identity, models
from catalog.graph.assets import datasets, facets
from catalog.graph.entities import Declaration
from catalog.graph.models import Past
from catalog.graph.reader import Reader
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.assertions import Origin
from catalog.lineage.facets.known import DATASET, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, ModelVersion, Training, VersionKey
from catalog.lineage.models import ALIAS_FACET, VERSION_FACET
from catalog.lineage.serving import Stint, declared, declared_aliases, pointed, served
from catalog.usecases.trainings import TOLD, UNKNOWN, Data, TrainingRun, trainings

MOST_TRAININGS = 20
"""Training runs of one version that are looked at; more are said."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A model version with all that is said of it.

    Attributes:
        trainings: newest first; `all_trainings` is false where there are more.
        documents: what manifests say of it.
        aliases: each with its stints; deployments by name, each with its stints of this version.
    """

    key: VersionKey
    moment: Moment
    said: ModelVersion | None
    trainings: tuple[TrainingRun, ...]
    all_trainings: bool
    documents: tuple[Declaration, ...]
    aliases: tuple[tuple[str, Stint], ...]
    deployments: tuple[tuple[Name, Stint], ...]

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Who speaks of it."""
        observed = (Origin.OBSERVED,) if self.said or self.trainings else ()
        return (*observed, *((Origin.DECLARED,) if self.documents else ()))

    @property
    def data(self) -> tuple[Data, ...]:
        """What it was trained on, by all who say so."""
        return (*(d for t in self.trainings for d in t.data), *_declared_data(self.documents, "trainedOn"))

    @property
    def evaluated(self) -> tuple[Data, ...]:
        """What it was evaluated on, by all who say so."""
        return (*(d for t in self.trainings for d in t.evaluated), *_declared_data(self.documents, "evaluatedOn"))

    @property
    def params(self) -> dict[str, Any]:
        """Parameters; what the newest training run says counts before documents."""
        return {**self._documented("parameters"), **(self._newest.params if self._newest else {})}

    @property
    def metrics(self) -> dict[str, float]:
        """Metrics, likewise."""
        return {**self._documented("metrics"), **(self._newest.metrics if self._newest else {})}

    @property
    def code_version(self) -> str | None:
        """The code, likewise."""
        told = self._newest.code_version if self._newest else None
        return told or next((d.document["codeVersion"] for d in self.documents if "codeVersion" in d.document), None)

    @property
    def framework(self) -> str | None:
        """The framework, likewise."""
        told = self._newest.framework if self._newest else None
        return told or next((d.document["framework"] for d in self.documents if "framework" in d.document), None)

    @property
    def _newest(self) -> Training | None:
        return next((t.said for t in self.trainings if t.said), None)

    def _documented(self, part: str) -> dict[str, Any]:
        return {name: value for d in self.documents for name, value in d.document.get(part, {}).items()}


@dataclass(frozen=True, slots=True)
class Model:
    """A model: its versions, newest word first, and where its aliases pointed."""

    registry: str
    name: str
    moment: Moment
    versions: tuple[tuple[str, int | None, tuple[Origin, ...]], ...]
    aliases: tuple[tuple[str, Stint], ...]
    complete: bool = True


def detail(reader: Reader, key: VersionKey, moment: Moment = PRESENT) -> Detail | None:
    """A version as of a moment; None if nobody speaks of it (or the reader may not see it)."""
    return details(reader, [key], moment).get(key)


def details(reader: Reader, keys: Iterable[VersionKey], moment: Moment = PRESENT) -> dict[VersionKey, Detail]:
    """Versions as of a moment, in as many statements as one; those that nobody speaks of are left out."""
    told = _Reading(reader, sorted(set(keys)), moment)
    found = {key: told.detail(key) for key in told.keys}
    return {key: one for key, one in found.items() if one.said is not None or one.trainings or one.documents}


class _Reading:
    """What is known of several versions, each thing read for all of them together."""

    def __init__(self, reader: Reader, keys: Sequence[VersionKey], moment: Moment) -> None:
        self._moment = moment
        entities_ = {key: entity_id(model_version(key.model, key.version, key.registry)) for key in keys}
        said = documented(reader, entities_.values(), moment)
        self._documents = {key: tuple(said.get(entities_[key], ())) for key in keys}
        ids = {key: dataset_id(key.name) for key in keys}
        known = datasets(reader, list(ids.values()))
        self.keys = [key for key in keys if ids[key] in known or self._documents[key]]
        closures = identity.closures(reader, [ids[key] for key in self.keys], moment)
        self._closures = {key: closures[ids[key]] for key in self.keys}
        names = {ids[key]: self._closures[key].ids for key in self.keys}
        told = facets(reader, list(names), moment, names) if names else {}
        self._facets = {key: told[ids[key]].get(MODEL) for key in self.keys}
        wanted = {key: names[ids[key]] for key in self.keys}
        told_by = {key: (key.version, wanted[key]) for key in self.keys}
        self._runs = models.runs_that_wrote_each(reader, told_by, moment) if wanted else {}
        made = {key: (self._runs[key][0][:MOST_TRAININGS], wanted[key]) for key in self.keys}
        self._trainings = trainings(reader, made, moment)
        self._aliases = _aliases_of_models(reader, {(key.registry, key.model) for key in self.keys}, moment)
        self._deployments = models.deployments_of(reader, {n for key in self.keys for n in self._names(key)})
        every = {deployment for some in self._deployments.values() for deployment in some}
        self._stints = deployment_stints(reader, every, moment)

    def _names(self, key: VersionKey) -> list[Name]:
        return [key.name, *(Name(tie.namespace, tie.name) for tie in self._closures[key].ties.values())]

    def detail(self, key: VersionKey) -> Detail:
        """One of the versions."""
        facet, documents = self._facets[key], self._documents[key]
        said = read_facet(DATASET, MODEL, facet) if facet else None
        aliases = [pair for pair in self._aliases[key.registry, key.model] if pair[1].key == key]
        aliases += [pair for d in documents for pair in declared_aliases(d.document, key, d.manifest, d.sequence)]
        served = sorted({deployment for name in self._names(key) for deployment in self._deployments[name]})
        stints = [(name, stint) for name in served for stint in self._stints[name] if stint.key == key]
        runs, whole = self._runs[key]
        return Detail(
            key,
            self._moment,
            said if isinstance(said, ModelVersion) else None,
            tuple(self._trainings[key]),
            whole and len(runs) <= MOST_TRAININGS,
            documents,
            tuple(aliases),
            tuple(stints),
        )


def model_of(reader: Reader, registry: str, name: str, moment: Moment = PRESENT) -> Model | None:
    """A model as of a moment; None if nobody speaks of it."""
    id_ = dataset_id(Name(registry, name))
    seen: dict[str, tuple[int | None, set[Origin]]] = {}
    if id_ in datasets(reader, [id_]):
        for facet, past in models.facets_over_time(reader, [id_], VERSION_FACET, moment)[id_].items():
            seen[facet.removeprefix(VERSION_FACET)] = (past.points[0].t, {Origin.OBSERVED})
    own = entity_id(Key(Kind.MODEL, registry, name))
    declarations = entities.referring(reader, own, ("version_of",), limit=MOST_VERSIONS + 1, moment=_known(moment))
    for told in declarations[:MOST_VERSIONS]:
        version = told.entity.name.removeprefix(f"{name}/")
        seen.setdefault(version, (None, set()))[1].add(Origin.DECLARED)
    documents = documented(reader, [own], moment)
    if not seen and own not in documents:
        return None
    listed = sorted(seen.items(), key=lambda item: (-(item[1][0] or 0), _natural(item[0])))
    versions = tuple((version, since, tuple(sorted(origins))) for version, (since, origins) in listed)
    aliases = _aliases_of_models(reader, [(registry, name)], moment)[registry, name]
    declared_versions = [entity_id(told.entity.key) for told in declarations[:MOST_VERSIONS]]
    for entity, documents_ in documented(reader, declared_versions, moment).items():
        version = next(t.entity.name for t in declarations if entity_id(t.entity.key) == entity).removeprefix(
            f"{name}/"
        )
        key = VersionKey(registry, name, version)
        for d in documents_:
            aliases += declared_aliases(d.document, key, d.manifest, d.sequence)
    ordered = sorted(aliases, key=lambda pair: (pair[0], pair[1].since))
    return Model(registry, name, moment, versions, tuple(ordered), len(declarations) <= MOST_VERSIONS)


MOST_VERSIONS = 5_000
"""Declared versions of one model that are listed."""


def deployment_stints(reader: Reader, names: Iterable[Name], moment: Moment = PRESENT) -> dict[Name, list[Stint]]:
    """What deployments served over time, as known at a moment: events by their times, documents by their intervals."""
    wanted = {dataset_id(name): name for name in names}
    past = models.facets_over_time(reader, wanted, DEPLOYMENT, moment)
    found = {name: _served(past[id_].get(DEPLOYMENT)) for id_, name in wanted.items()}
    keys = {entity_id(deployment_key(name)): name for name in wanted.values()}
    for entity, documents in documented(reader, keys, moment).items():
        for d in documents:
            found[keys[entity]] += declared(d.document, d.manifest, d.sequence)
    return {name: sorted(stints, key=lambda s: (s.since, s.key, s.origin)) for name, stints in found.items()}


def deployment_key(name: Name) -> Key:
    """The entity that a deployment's dataset stands for."""
    return Key(Kind.DEPLOYMENT, name.namespace.removeprefix(models.DEPLOYMENTS), name.name)


def documented(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, list[Declaration]]:
    """What manifests say of entities: the newest that is known, since documents tell of the past by intervals."""
    return entities.documents_of(reader, ids, _known(moment))


def _known(moment: Moment) -> Moment:
    return Moment(None, moment.known_at)


def _served(past: Past | None) -> list[Stint]:
    return [] if past is None else served(past.points, past.bodies)


def _aliases_of_models(
    reader: Reader, wanted: Iterable[tuple[str, str]], moment: Moment
) -> dict[tuple[str, str], list[tuple[str, Stint]]]:
    """The aliases of models, by registry and name, as events told them."""
    ids = {dataset_id(Name(*model)): model for model in wanted}
    said = models.facets_over_time(reader, ids, ALIAS_FACET, moment)
    return {
        model: [
            (alias, replace(stint, by=""))
            for facet, past in sorted(said[id_].items())
            for alias in [facet.removeprefix(ALIAS_FACET)]
            for stint in pointed(alias, past.points, past.bodies, *model)
        ]
        for id_, model in ids.items()
    }


def _declared_data(documents: Iterable[Declaration], part: str) -> Iterable[Data]:
    for d in documents:
        for one in d.document.get(part) or ():
            name = Name(one["dataset"]["namespace"], one["dataset"]["name"])
            version, columns = one.get("version"), tuple(sorted(one.get("columns") or ()))
            basis = TOLD if columns else UNKNOWN
            yield Data(name, (version,) if version else (), columns, basis, Origin.DECLARED, d.manifest)


def _natural(version: str) -> tuple[int, str]:
    return (-int(version), "") if version.isascii() and version.isdigit() else (1, version)
