"""Answer "what is this model version": who trained it, on which data and columns, with what result, and where it is.

What events told and what manifests declare stand side by side, each with its origin (law 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from catalog.assets.keys import Key, Kind, entity_id, model_version
from catalog.graph import entities, identity, models, past_runs, schemas
from catalog.graph.assets import datasets, facets
from catalog.graph.entities import Declaration
from catalog.graph.models import Past
from catalog.graph.reader import Reader
from catalog.graph.run_lineage import RunWalk, trace_run
from catalog.graph.runs import facets_of, spilled
from catalog.graph.shapes import bodies
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.assertions import Origin
from catalog.lineage.facets.known import DATASET, RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, TRAINING, DataUse, ModelVersion, Training, VersionKey
from catalog.lineage.models import ALIAS_FACET, VERSION_FACET
from catalog.lineage.observe import READS
from catalog.lineage.serving import Stint, declared, declared_aliases, pointed, served

MOST_TRAININGS = 20
"""Training runs of one version that are looked at; more are said."""
COLUMN_LINEAGE, TOLD, SCHEMA, UNKNOWN = "COLUMN_LINEAGE", "TOLD", "SCHEMA", "UNKNOWN"
"""How the columns are known: by column lineage of the run, told by a facet or document, all of the dataset's, not."""


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset that trained or evaluated a version.

    Attributes:
        versions: as the run (or the document) told them; empty: not told.
        columns: sorted; `basis` is how they are known.
        origin: OBSERVED or DECLARED; `by` is the manifest, or "".
    """

    name: Name
    versions: tuple[str, ...]
    columns: tuple[str, ...]
    basis: str
    origin: Origin
    by: str = ""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run that wrote the version.

    Attributes:
        run: its row as of the moment; `job` its job's name.
        said: its training facet, if it has one.
        failed: checks of its inputs that failed in it, by dataset.
        hidden: inputs that the reader may not see.
    """

    id: str
    run: Row
    job: Name
    said: Training | None
    data: tuple[Data, ...]
    evaluated: tuple[Data, ...]
    failed: dict[Name, list[str]]
    hidden: int


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
    id_ = dataset_id(key.name)
    entity = entity_id(model_version(key.model, key.version, key.registry))
    documents = tuple(documented(reader, [entity], moment).get(entity, ()))
    if id_ not in datasets(reader, [id_]) and not documents:
        return None
    closure = identity.closures(reader, [id_], moment)[id_]
    names = closure.ids
    facet = facets(reader, [id_], moment, {id_: names})[id_].get(MODEL)
    said = read_facet(DATASET, MODEL, facet) if facet else None
    runs, whole = models.runs_that_wrote(reader, names, key.version, moment)
    trained = [t for t in (_training(reader, run, names, moment) for run in runs[:MOST_TRAININGS]) if t]
    if said is None and not trained and not documents:
        return None
    aliases = [(alias, stint) for alias, stint in _aliases(reader, key, moment) if stint.key == key]
    aliases += [pair for d in documents for pair in declared_aliases(d.document, key, d.manifest, d.sequence)]
    others = (Name(tie.namespace, tie.name) for tie in closure.ties.values())
    stints = deployment_stints(reader, models.deployments_of(reader, [key.name, *others]), moment)
    served_here = [(name, stint) for name in sorted(stints) for stint in stints[name] if stint.key == key]
    return Detail(
        key,
        moment,
        said if isinstance(said, ModelVersion) else None,
        tuple(trained),
        whole and len(runs) <= MOST_TRAININGS,
        documents,
        tuple(aliases),
        tuple(served_here),
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
    aliases = list(_aliases(reader, VersionKey(registry, name, ""), moment))
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


def _aliases(reader: Reader, key: VersionKey, moment: Moment) -> Iterable[tuple[str, Stint]]:
    """The aliases of a version's model, as events told them."""
    id_ = dataset_id(Name(key.registry, key.model))
    for facet, past in sorted(models.facets_over_time(reader, [id_], ALIAS_FACET, moment)[id_].items()):
        alias = facet.removeprefix(ALIAS_FACET)
        for stint in pointed(alias, past.points, past.bodies, key.registry, key.model):
            yield alias, replace(stint, by="")


def _training(reader: Reader, id_: str, version: Iterable[str], moment: Moment) -> TrainingRun | None:
    walk = trace_run(reader, id_, moment)
    if walk is None:
        return None
    told = run_facets(reader, walk.run, moment).get(f"run|{TRAINING}")
    said = read_facet(RUN, TRAINING, told) if told else None
    training = said if isinstance(said, Training) else None
    job = walk.nodes[walk.run["job"]]
    inputs = [Name(n.namespace, n.name) for e in walk.edges if e.kind == READS for n in [walk.nodes[e.source]]]
    used = {use.name: use for use in training.trained_on} if training else {}
    tested = {use.name: use for use in training.evaluated_on} if training else {}
    versions = models.versions_of_run(reader, id_, [*inputs, *used, *tested], "READ", moment)
    columns = _columns(walk, set(version))
    by_lineage = bool(columns)
    trained_on = sorted({*(name for name in inputs if name not in tested), *used})
    data = [_data(reader, walk, n, used.get(n), versions, columns.get(n), by_lineage, moment) for n in trained_on]
    evaluated = [_data(reader, walk, n, use, versions, None, False, moment) for n, use in sorted(tested.items())]
    return TrainingRun(
        id_,
        walk.run,
        Name(job.namespace, job.name),
        training,
        tuple(data),
        tuple(evaluated),
        models.failed_checks(reader, id_, inputs, moment),
        len(walk.hidden),
    )


def run_facets(reader: Reader, run: Row, moment: Moment) -> dict[str, Any]:
    """The facets of a run row; in the past as its entries tell them."""
    if run["facets"] is None:
        told = past_runs.told(reader, [run["id"]], moment).get(run["id"])
        return told["facets"] if told else {}
    return facets_of(run, bodies(reader, spilled(run)))


def _columns(walk: RunWalk, version: set[str]) -> dict[Name, set[str]]:
    """The columns that went into the version (or into columns of it), by dataset, as the run's column lineage says."""
    found: dict[Name, set[str]] = {}
    of = {id_: dataset_id(Name(node.namespace, node.name)) for id_, node in walk.nodes.items()}
    for edge in walk.edges:
        source = walk.nodes[edge.source]
        if edge.kind == "DERIVES_FROM" and source.field is not None and of[edge.target] in version:
            found.setdefault(Name(source.namespace, source.name), set()).add(source.field)
    return found


def _data(
    reader: Reader,
    walk: RunWalk,
    name: Name,
    use: DataUse | None,
    versions: dict[Name, tuple[str, ...]],
    columns: set[str] | None,
    by_lineage: bool,
    moment: Moment,
) -> Data:
    told = sorted({*versions.get(name, ()), *((use.version,) if use and use.version else ())})
    if use and use.columns:
        shown, basis = sorted(use.columns), TOLD
    elif columns or by_lineage:
        shown, basis = sorted(columns or ()), COLUMN_LINEAGE
    else:
        shown = all_columns(reader, name, walk.run["endedAt"] or walk.run["startedAt"], moment)
        basis = SCHEMA if shown else UNKNOWN
    return Data(name, tuple(told), tuple(shown), basis, Origin.OBSERVED)


def all_columns(reader: Reader, name: Name, at: int | None, moment: Moment) -> list[str]:
    """The columns of a dataset at an event time (None: now), as far as a moment knows."""
    id_ = dataset_id(name)
    times = [time for time in (at, moment.as_of) if time is not None]
    then = Moment(min(times, default=None), moment.known_at)
    names = {id_: identity.closures(reader, [id_], then)[id_].ids}
    return [".".join(column.path) for column in schemas.schemas(reader, [id_], then, names)[id_]]


def _declared_data(documents: Iterable[Declaration], part: str) -> Iterable[Data]:
    for d in documents:
        for one in d.document.get(part) or ():
            name = Name(one["dataset"]["namespace"], one["dataset"]["name"])
            version, columns = one.get("version"), tuple(sorted(one.get("columns") or ()))
            basis = TOLD if columns else UNKNOWN
            yield Data(name, (version,) if version else (), columns, basis, Origin.DECLARED, d.manifest)


def _natural(version: str) -> tuple[int, str]:
    return (-int(version), "") if version.isascii() and version.isdigit() else (1, version)
