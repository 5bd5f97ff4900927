"""Answer "what was in production on a day, and what had trained it": deployments with their stints, and versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.assets.keys import Key, Kind, entity_id
from catalog.errors import UnknownKey
from catalog.graph import models
from catalog.graph.assets import datasets
from catalog.graph.entities import entities, page
from catalog.graph.reader import Reader
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.model import VersionKey
from catalog.lineage.models import deployment_name
from catalog.lineage.serving import Stint
from catalog.manifest.validating import hint
from catalog.usecases.model_versions import Detail, deployment_stints, details
from catalog.usecases.moments import Standing, standing

MOST_DETAILS = 50
"""Model versions of one answer whose training is told; the others are named alone."""
MOST_NAMES = 500
"""Declared environments that are looked at for the nearest name."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A deployment: what it serves at the time that was asked about, and all it ever served.

    Attributes:
        now: the stints that hold then; of one version several, where events and manifests both say so.
    """

    environment: str
    name: str
    now: tuple[Stint, ...]
    stints: tuple[Stint, ...]


@dataclass(frozen=True, slots=True)
class Production:
    """What was served at a time.

    Attributes:
        on: the time, microseconds.
        versions: the model versions that were served then, with what trained them.
        untold: versions beyond MOST_DETAILS, and those that nobody tells anything of.
        complete: no cap cut the deployments off, nor the versions.
    """

    on: int
    moment: Moment
    deployments: tuple[Serving, ...]
    versions: tuple[Detail, ...]
    untold: tuple[VersionKey, ...]
    complete: bool
    standing: Standing


def production(
    reader: Reader, on: int, *, environment: str | None, deployment: str | None, known_at: int | None
) -> Production:
    """What deployments served at a time, as known at a sequence; those that served nothing are left out.

    Events count by their times, whenever they came, as far as they were known; documents by their intervals.

    Raises:
        UnknownKey: nothing runs in the environment, and nobody declares it; those that are spelled nearly so are named.
    """
    before = standing(reader)
    moment = Moment(None, known_at)
    names, whole = _deployments(reader, environment)
    names = [name for name in names if deployment is None or name.name == deployment]
    held = [serving for serving in servings(reader, names, on, moment) if serving.now]
    keys = sorted({stint.key for serving in held for stint in serving.now})
    found = details(reader, keys[:MOST_DETAILS], moment)
    told = tuple(found[key] for key in keys if key in found)
    untold = tuple(key for key in keys if key not in found)
    return Production(on, moment, tuple(held), told, untold, whole and len(keys) <= MOST_DETAILS, before)


def servings(reader: Reader, names: Iterable[Name], on: int, moment: Moment = PRESENT) -> list[Serving]:
    """Deployments by name, with what they serve at a time."""
    stints = deployment_stints(reader, names, moment)
    return [
        Serving(
            name.namespace.removeprefix(models.DEPLOYMENTS),
            name.name,
            tuple(stint for stint in stints[name] if stint.holds(on)),
            tuple(stints[name]),
        )
        for name in sorted(stints)
    ]


def deployments(
    reader: Reader, on: int, *, environment: str | None, known_at: int | None
) -> tuple[list[Serving], bool]:
    """All deployments, also those that serve nothing at that time; and whether these are all.

    Raises:
        UnknownKey: nothing runs in the environment, and nobody declares it; those that are spelled nearly so are named.
    """
    names, whole = _deployments(reader, environment)
    return servings(reader, names, on, Moment(None, known_at)), whole


def one(reader: Reader, environment: str, name: str, on: int, known_at: int | None) -> Serving | None:
    """One deployment; None if there is no such thing."""
    own = deployment_name(environment, name)
    if not datasets(reader, [dataset_id(own)]):
        return None
    return servings(reader, [own], on, Moment(None, known_at))[0]


def _deployments(reader: Reader, environment: str | None) -> tuple[list[Name], bool]:
    names, whole = models.all_deployments(reader, environment)
    if environment is None or names or entities(reader, [entity_id(Key(Kind.ENVIRONMENT, "", environment))]):
        return names, whole
    known = [space.removeprefix(models.DEPLOYMENTS) for space in models.environments(reader)]
    known += [one.key.name for one in page(reader, Kind.ENVIRONMENT, after="", limit=MOST_NAMES)]
    raise UnknownKey(f"no environment is called {environment[:80]!r}{hint(environment, known)}", environment)
