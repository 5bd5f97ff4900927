"""What a deployment served, and where an alias pointed, over time. Pure.

Events tell what holds from their time on, so their intervals end where the next word begins; a word may say itself
that it is about an earlier time. Documents give intervals as such, and the newest document known counts for all time:
it is valid time, whenever it was applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.assets.keys import REGISTRY
from catalog.clock import from_datetime
from catalog.lineage.assertions import Origin
from catalog.lineage.facets.known import RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, Deployment, VersionKey
from catalog.lineage.steps import ABSENT, Points
from catalog.lineage.wire import parse_time


@dataclass(frozen=True, slots=True)
class Stint:
    """A model version behind a deployment (or an alias) for a time.

    Attributes:
        since, until: microseconds; `until` is None while it lasts, and not part of the stint.
        origin: OBSERVED by events, DECLARED by a manifest.
        by: the manifest, or "".
        sequence: the place in the inbox of the entry that began it.
        health: what was said of it last, while it was served.
    """

    key: VersionKey
    since: int
    until: int | None
    origin: Origin
    by: str = ""
    sequence: int | None = None
    health: str | None = None
    region: str | None = None

    def holds(self, at: int) -> bool:
        """Whether it lasts at a time (µs)."""
        return self.since <= at and (self.until is None or at < self.until)


def served(points: Points, bodies: Mapping[str, Any]) -> list[Stint]:
    """The stints that the words of events make.

    Args:
        points: the changes of the deployment's facet, in order, as known (`steps.told`).
        bodies: the facets by value.
    """
    done: list[Stint] = []
    lasting: dict[VersionKey, Stint] = {}
    for point in points:
        said = read_facet(RUN, DEPLOYMENT, bodies[point.v]) if point.v != ABSENT else None
        word = said if isinstance(said, Deployment) else None
        now = {one.key: one for one in word.versions} if word else {}
        begins = min([one.since for key, one in now.items() if key not in lasting and one.since] + [point.t])
        for key in [key for key in lasting if key not in now]:
            done.append(_ended(lasting.pop(key), begins))
        for key, one in now.items():
            stint = lasting.pop(key, None)
            if stint is None or (one.since is not None and one.since != stint.since):
                stint = Stint(key, point.t if one.since is None else one.since, None, Origin.OBSERVED, "", point.s)
            if word:
                stint = replace(stint, health=word.health or stint.health, region=word.region or stint.region)
            lasting[key] = replace(stint, until=one.until)
    return _sorted([*done, *lasting.values()])


def _ended(stint: Stint, at: int) -> Stint:
    return replace(stint, until=at if stint.until is None else min(at, stint.until))


def declared(document: Mapping[str, Any], manifest: str, sequence: int | None = None) -> list[Stint]:
    """The stints that a deployment's document has."""
    found = []
    for one in document.get("modelVersions") or ():
        key = VersionKey(one.get("registry") or REGISTRY, one["model"], str(one["version"]))
        since, until = _time(one.get("from")), _time(one.get("to"))
        region = (document.get("location") or {}).get("region")
        found.append(Stint(key, since or 0, until, Origin.DECLARED, manifest, sequence, None, region))
    return _sorted(found)


def pointed(alias: str, points: Points, bodies: Mapping[str, Any], registry: str, model: str) -> list[Stint]:
    """Where an alias of a model pointed, by the changes of its facet."""
    found: list[Stint] = []
    for point in points:
        if found and found[-1].until is None:
            found[-1] = replace(found[-1], until=point.t)
        if point.v != ABSENT:
            key = VersionKey(registry, model, str(bodies[point.v].get("version")))
            found.append(Stint(key, point.t, None, Origin.OBSERVED, alias, point.s))
    return found


def declared_aliases(
    document: Mapping[str, Any], key: VersionKey, manifest: str, sequence: int | None = None
) -> list[tuple[str, Stint]]:
    """The aliases that a version's document gives it, each with its stint."""
    return [
        (
            one["name"],
            Stint(key, _time(one.get("from")) or 0, _time(one.get("to")), Origin.DECLARED, manifest, sequence),
        )
        for one in document.get("aliases") or ()
    ]


def _time(text: Any) -> int | None:
    return None if text is None else from_datetime(parse_time(str(text)))


def _sorted(stints: Iterable[Stint]) -> list[Stint]:
    kept = [stint for stint in stints if stint.until is None or stint.since < stint.until]
    return sorted(kept, key=lambda s: (s.since, s.key, s.origin, s.by))
