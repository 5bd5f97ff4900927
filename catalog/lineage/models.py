"""What an event says of models, as assertions about datasets.

A model version is the dataset `REGISTRY MODEL/VERSION`, a deployment the dataset `deployment:ENVIRONMENT NAME` that
derives from what it serves, so every walk reaches both. The model as a whole is the dataset `REGISTRY MODEL`: which
versions it has and where its aliases point are facets of it, each under a key of its own, and so last-write-wins like
all facets.

A dataset that is a version under another name is tied to it as by a symlink, if its name tells the version. One that
does not (`churn`, whatever version a run writes) stands for all of them: tying it to each would make them one thing.
Then the version is read or written beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from catalog.assets.keys import Key, Kind, model_version
from catalog.identity import Name
from catalog.lineage.assertions import Basis, DatasetAssertion, Json, Sources
from catalog.lineage.facets.known import DATASET, RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, Deployment, ModelVersion, VersionKey
from catalog.lineage.facets.places import bare

ABOUT, DEPLOYED = "model", "deployment"
"""Roles of datasets that an event tells something of, but that its job neither reads nor writes."""
VERSION_FACET, ALIAS_FACET = "headwater_mlVersion:", "headwater_mlAlias:"
"""How the facets of a model as a whole begin: `headwater_mlVersion:3`, `headwater_mlAlias:champion`."""


def deployment_name(environment: str, name: str) -> Name:
    """The dataset that a deployment is in lineage."""
    return Name(f"deployment:{environment}", name)


def about_models(
    datasets: Iterable[DatasetAssertion],
    run_facets: dict[str, Json],
    symlinks: set[tuple[Name, Name]],
    tables: set[Name],
) -> tuple[DatasetAssertion, ...]:
    """What the facets about models in an event say besides what they are attached to.

    The names of one thing go to `symlinks`, those to show it by to `tables`. What is wrong with a facet was said where
    all of them are checked.
    """
    found: list[DatasetAssertion] = []
    for dataset in datasets:
        facet = dataset.facets.get(MODEL)
        told = read_facet(DATASET, MODEL, facet) if facet is not None else None
        if isinstance(told, ModelVersion):
            found += _version(dataset, told, facet, symlinks, tables)
        found += _deployment(dataset.facets.get(DEPLOYMENT), DATASET)
    found += _deployment(run_facets.get(DEPLOYMENT), RUN)
    return tuple(found)


def _version(
    dataset: DatasetAssertion,
    told: ModelVersion,
    facet: Json,
    symlinks: set[tuple[Name, Name]],
    tables: set[Name],
) -> Iterator[DatasetAssertion]:
    own, kept = told.key.name, {MODEL: bare(facet)}
    if dataset.name == own:
        pass
    elif tells_version(dataset.name, told.key):
        symlinks.add((min(own, dataset.name), max(own, dataset.name)))
        tables.add(own)
        yield DatasetAssertion(own, ABOUT, facets=kept)
    elif dataset.role in ("input", "output"):
        yield replace(
            dataset, name=own, schema=None, gone=frozenset(), facets=kept, run_facets={}, change=None, containers=None
        )
    else:
        yield DatasetAssertion(own, ABOUT, facets=kept)
    whole: dict[str, Json] = {VERSION_FACET + told.key.version: {"version": told.key.version}}
    whole.update((ALIAS_FACET + alias, None) for alias in told.removed_aliases)
    whole.update((ALIAS_FACET + alias, {"version": told.key.version}) for alias in told.aliases)
    yield DatasetAssertion(Name(told.key.registry, told.key.model), ABOUT, facets=whole)


def entities_of(datasets: Iterable[DatasetAssertion]) -> Iterator[Key]:
    """The models, versions and deployments that an event tells of, so that they are listed as what they are."""
    for dataset in datasets:
        namespace, name = dataset.name
        if dataset.role == DEPLOYED:
            yield Key(Kind.DEPLOYMENT, namespace.removeprefix(deployment_name("", "").namespace), name)
        elif dataset.role == ABOUT:
            for version in [key.removeprefix(VERSION_FACET) for key in dataset.facets if key.startswith(VERSION_FACET)]:
                yield Key(Kind.MODEL, namespace, name)
                yield model_version(name, version, namespace)


def tells_version(name: Name, key: VersionKey) -> bool:
    """Whether a dataset's name has the version in it as a word: `models:/churn/3`, `churn:v3`, not `churn-13`."""
    word = rf"(?<![0-9A-Za-z])v?{re.escape(key.version)}(?![0-9A-Za-z])"
    return re.search(word, name.name) is not None


def _deployment(facet: Json, place: str) -> Iterator[DatasetAssertion]:
    told = read_facet(place, DEPLOYMENT, facet) if facet is not None else None
    if isinstance(told, Deployment):
        versions = tuple(sorted({served.key.name for served in told.versions}))
        yield DatasetAssertion(
            deployment_name(told.environment, told.name),
            DEPLOYED,
            sources=Sources(Basis.EXPLICIT, versions),
            facets={DEPLOYMENT: bare(facet)},
        )
