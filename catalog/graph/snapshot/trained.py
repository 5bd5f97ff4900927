"""Model versions and deployments at a moment: aliases, what trained a version, what is served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind
from catalog.checks.snapshot import Training
from catalog.errors import InvalidQuestion
from catalog.graph import past_runs
from catalog.graph.attributes import Declaration, Spoken, spoken
from catalog.graph.reader import Question, Reader
from catalog.graph.runs import asserted, at, facets_of, links_of, spilled
from catalog.graph.samples import versions_read
from catalog.graph.shapes import bodies, load_bodies_for
from catalog.graph.snapshot.saying import Saying
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.known import RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, TRAINING, VersionKey
from catalog.lineage.facets.model import Training as Said
from catalog.lineage.models import ALIAS_FACET
from catalog.lineage.observe import READS
from catalog.lineage.series import Sample, Version, last_told, versions
from catalog.lineage.serving import declared, declared_aliases, served

OBSERVED, DECLARED = "OBSERVED", "DECLARED"
MOST_TRAININGS = 20
"""Runs that trained one version; the newest are looked at."""


def version_key(key: Key) -> VersionKey:
    """The model and version that the key of a model version names."""
    model, _, version = key.name.rpartition("/")
    return VersionKey(key.namespace, model, version)


def aliases(key: VersionKey, saying: Saying, documents: Iterable[Declaration], now: int) -> tuple[str, ...]:
    """What points at a version now, as events and manifests say."""
    facets = saying.facets(dataset_id(Name(key.registry, key.model)))
    found = {
        name.removeprefix(ALIAS_FACET)
        for name, word in facets.items()
        if name.startswith(ALIAS_FACET) and str(saying.bodies[word.value].get("version")) == key.version
    }
    for d in documents:
        found.update(alias for alias, stint in declared_aliases(d.document, key, d.manifest) if stint.holds(now))
    return tuple(sorted(found))


def serves(
    names: Iterable[str], saying: Saying, documents: Iterable[Declaration], now: int, thing: Mapping[str, str]
) -> tuple[str, ...]:
    """The things that a deployment serves now, as events and manifests say."""
    stints = [stint for d in documents for stint in declared(d.document, d.manifest)]
    for word in (word for id_ in names for word in saying.words.get(id_, ()) if word.name == DEPLOYMENT):
        stints += served(word.points, saying.bodies)
    ids = {dataset_id(stint.key.name) for stint in stints if stint.holds(now)}
    return tuple(sorted({thing.get(id_, id_) for id_ in ids}))


def declared_training(documents: Iterable[Declaration], thing: Mapping[str, str]) -> Iterator[Training]:
    """What documents say that a version was trained and evaluated on."""
    for d in documents:
        for part, role in (("trainedOn", "training"), ("evaluatedOn", "evaluation")):
            for one in d.document.get(part) or ():
                id_ = dataset_id(Name(one["dataset"]["namespace"], one["dataset"]["name"]))
                told = (one.get("role") or role, one.get("version"), tuple(sorted(one.get("columns") or ())))
                yield Training(thing.get(id_, id_), *told, DECLARED)


class TrainingRun(NamedTuple):
    """A run that wrote a model version.

    Attributes:
        time: when it ended, or else began (µs).
        reads: ids of the datasets that it read.
        said: its training facet.
        versions: in which versions it read them, as far as it told any.
    """

    id: str
    job: str
    time: int
    reads: tuple[str, ...]
    said: Said | None
    versions: Mapping[str, str]


def training_runs(reader: Reader, ids: Iterable[str], moment: Moment, unknown: list[str]) -> dict[str, TrainingRun]:
    """Runs as training runs; those that are not kept, or had not been heard of by the moment, are left out.

    Args:
        unknown: gets what could not be read.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> tuple[dict[str, Row], dict[str, Any]]:
        then = (at(row, moment) for row in q.rows_by_id("assets", "runs_by_id", wanted))
        runs = {row["id"]: row for row in then if row is not None}
        return runs, load_bodies_for(q, {shape for row in runs.values() for shape in asserted(row)})

    runs, sets = reader.ask(work)
    facets = _facets(reader, runs, moment, unknown)
    reads = {id_: links_of(sets[shape] for shape in asserted(row))[READS] for id_, row in runs.items()}
    versions = reader.ask(
        lambda q: versions_read(q, {(id_, run) for run, some in reads.items() for id_ in some}, moment)
    )
    found = {}
    for id_, row in runs.items():
        told = facets.get(id_, {}).get(f"run|{TRAINING}")
        said = read_facet(RUN, TRAINING, told) if told else None
        of = {dataset: max(some) for dataset in reads[id_] if (some := versions.get((dataset, id_)))}
        time = row["endedAt"] or row["startedAt"] or 0
        facet = said if isinstance(said, Said) else None
        found[id_] = TrainingRun(id_, row["job"], time, tuple(reads[id_]), facet, of)
    return found


def _facets(reader: Reader, runs: Mapping[str, Row], moment: Moment, unknown: list[str]) -> dict[str, dict[str, Any]]:
    """The facets of runs at the moment; those that may have been others then are read from the entries."""
    now = {id_: row for id_, row in runs.items() if row["facets"] is not None}
    large = bodies(reader, {shape for row in now.values() for shape in spilled(row)}) if now else {}
    found = {id_: facets_of(row, large) for id_, row in now.items()}
    if other := runs.keys() - now.keys():
        try:
            found.update((id_, told["facets"]) for id_, told in past_runs.told(reader, other, moment).items())
        except InvalidQuestion as e:
            unknown.append(f"what {len(other)} training runs said of themselves: {e}")
    return found


def observed_training(
    runs: Iterable[TrainingRun], thing: Mapping[str, str], columns: Callable[[str, str], tuple[str, ...]]
) -> Iterator[Training]:
    """What runs trained and evaluated a version on.

    Args:
        columns: those of a thing that column lineage of a job leads to the version from, by thing and job.
    """
    for run in runs:
        said = run.said
        used = {dataset_id(use.name): use for use in (said.trained_on if said else ())}
        tested = {dataset_id(use.name): use for use in (said.evaluated_on if said else ())}
        for id_ in sorted({*run.reads, *used, *tested}):
            use = used.get(id_) or tested.get(id_)
            own = thing.get(id_, id_)
            version = run.versions.get(id_) or (use.version if use else None)
            told = tuple(sorted(use.columns)) if use and use.columns else columns(own, run.job)
            role = "evaluation" if id_ in tested and id_ not in used else "training"
            yield Training(own, role, version, told, OBSERVED)


def newest_word(runs: Iterable[TrainingRun]) -> Said | None:
    """What the newest of the runs that trained a version said of itself."""
    told = [run for run in runs if run.said]
    return max(told, key=lambda run: (run.time, run.id)).said if told else None


def runs_of_version(samples: Iterable[Sample], key: Key) -> set[str]:
    """The newest runs that wrote a version of a model."""
    own = Version(version_key(key).version, "model", "WRITTEN")
    told = [one for one in last_told(samples, versions) if one.run and one.key == own]
    newest = sorted(told, key=lambda one: (-one.t, one.run))
    return set(dict.fromkeys([one.run for one in newest][:MOST_TRAININGS]))


def valid_documents(
    reader: Reader, said: Spoken, entities: Mapping[str, Key], moment: Moment
) -> dict[str, tuple[Declaration, ...]]:
    """The documents of model versions and deployments as now known: what they say of the past they say by times."""
    ids = [id_ for id_, key in entities.items() if key.kind in (Kind.MODEL_VERSION, Kind.DEPLOYMENT)]
    if moment.as_of is not None:
        said = reader.ask(lambda q: spoken(q, ids, Moment(None, moment.known_at)))
    return {id_: said.of[id_].declarations for id_ in ids if id_ in said.of}
