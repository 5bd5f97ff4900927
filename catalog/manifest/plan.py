"""A plan: what applying a manifest would change, frozen, sorted, checksummed, and refusing to be unsafe.

It holds the manifest's name, the apply it stands on and every change with both its sides, so that what is applied is
what was shown. What stands against it (obstacles) is said with it, all at once: a plan with obstacles is for reading
only.

Source: octoDNS and Atlas (desired, existing, sorted changes, thresholds, checksum).
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.errors import InvalidPlan, UnsafePlan
from catalog.lineage.canonical import canonical, content_key
from catalog.manifest.changes import Action, Change, Document, compare

PLAN = "plan/v1"
MAX_REMOVED_SHARE = 0.2
"""The share of a manifest's entities that one plan may remove, if the manifest says nothing else."""
ALWAYS_REMOVED = 5
"""So many removals are never too many, unless nothing is left."""
SHOWN = 3
"""How many of those that stand in the way are named."""
Reference = tuple[str, Key]
"""A role (`owner`, `domain`) and what stands in it."""


class ObstacleType(StrEnum):
    """Why a plan cannot be applied."""

    CLAIMED = "CLAIMED"
    DANGLING = "DANGLING"
    STILL_REFERRED = "STILL_REFERRED"
    TOO_MANY_REMOVALS = "TOO_MANY_REMOVALS"


class Obstacle(NamedTuple):
    """What forbids to apply a plan: its type, the entity (None: the plan as a whole), and what to do in words."""

    type: ObstacleType
    key: Key | None
    message: str


@dataclass(frozen=True, slots=True)
class Around:
    """The rest of the catalog, as far as a plan is held against it.

    Attributes:
        claims: which other manifest declares an entity.
        declared: those that this manifest may refer to without declaring them.
        names: the names that a kind has, to tell the nearest.
        referring: what other manifests declare with a reference to an entity, and they.
    """

    claims: Mapping[Key, str]
    declared: Collection[Key]
    names: Mapping[Kind, Collection[str]]
    referring: Mapping[Key, Sequence[tuple[Key, str]]]


class HeadingChange(NamedTuple):
    """What a manifest says of itself before and after (`manifest.heading`)."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What applying a manifest would change.

    Attributes:
        base: key of the manifest's newest apply, which this plan stands on; empty before the first.
        owned: how many entities the manifest declares before.
        removable: the share of them that may be removed.
        changes: sorted by key.
        heading: what changes of that which it says of itself; None: nothing.
        obstacles: what forbids to apply it, sorted; no part of the checksum, since others can bring and mend them.
    """

    manifest: str
    base: str
    owned: int
    removable: float
    changes: tuple[Change, ...]
    obstacles: tuple[Obstacle, ...] = ()
    heading: HeadingChange | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to apply."""
        return not self.changes and self.heading is None

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of its canonical JSON."""
        return content_key(canonical(self._content()))

    def count(self, action: Action) -> int:
        """How many entities are created, updated or removed."""
        return sum(change.action is action for change in self.changes)

    @property
    def unchanged(self) -> int:
        """How many entities stay as they are."""
        return self.owned - self.count(Action.UPDATE) - self.count(Action.REMOVE)

    def check(self) -> None:
        """Pass, or refuse.

        Raises:
            UnsafePlan: there are obstacles; the text has them all, or the first of very many.
        """
        if self.obstacles:
            told = "; ".join(obstacle.message for obstacle in self.obstacles[:20])
            more = f"; and {len(self.obstacles) - 20:,} more" if len(self.obstacles) > 20 else ""
            raise UnsafePlan(f"the plan of {self.manifest} cannot be applied: {told}{more}")

    def to_json(self) -> dict[str, Any]:
        """The plan as a file keeps it and `read_plan` reads it."""
        return {**self._content(), "checksum": self.checksum}

    def _content(self) -> dict[str, Any]:
        heading = {} if self.heading is None else {"heading": self.heading._asdict()}
        return {
            "headwater": PLAN,
            "manifest": self.manifest,
            "base": self.base,
            "owned": self.owned,
            "removable": self.removable,
            "changes": [
                {
                    "action": change.action.value,
                    "kind": change.key.kind.value,
                    "namespace": change.key.namespace,
                    "name": change.key.name,
                    "before": change.before,
                    "after": change.after,
                }
                for change in self.changes
            ],
            **heading,
        }


def make(
    manifest: str,
    base: str,
    existing: Mapping[Key, Document],
    desired: Mapping[Key, Document],
    references: Mapping[Key, Sequence[Reference]],
    around: Around,
    *,
    removable: float = MAX_REMOVED_SHARE,
    heading: HeadingChange | None = None,
) -> Plan:
    """The plan that makes what a manifest declares (`existing`) what it shall declare (`desired`).

    Args:
        references: what the desired documents refer to.
    """
    changes = compare(existing, desired)
    obstacles = [
        *_claimed(manifest, changes, around),
        *_dangling(desired, references, around),
        *_still_referred(changes, around),
        *_too_many(len(existing), changes, removable),
    ]
    ranked = sorted(obstacles, key=lambda p: (p.key is not None, p.key or (), p.type, p.message))
    return Plan(manifest, base, len(existing), removable, changes, tuple(ranked), heading)


def read_plan(value: Any) -> Plan:
    """A plan out of its JSON.

    Raises:
        InvalidPlan: it is none, or was changed since it was made.
    """
    if not isinstance(value, dict) or value.get("headwater") != PLAN:
        raise InvalidPlan(f'this is no plan: a plan has "headwater": "{PLAN}"; make one with `headwater plan --out`')
    try:
        found = Plan(
            manifest=_text(value["manifest"]),
            base=_text(value["base"]),
            owned=int(value["owned"]),
            removable=float(value["removable"]),
            changes=tuple(_change(change) for change in value["changes"]),
            heading=_heading(value.get("heading")),
        )
        checksum = found.checksum
    except (KeyError, TypeError, ValueError) as e:
        wrong = f"it has no {e}" if isinstance(e, KeyError) else str(e)[:200]
        raise InvalidPlan(f"this plan cannot be read: {wrong}; make it again") from e
    if checksum != value.get("checksum"):
        raise InvalidPlan("this plan was changed since it was made (its checksum is another); make it again")
    return found


def as_planned(existing: Mapping[Key, Document], plan: Plan) -> dict[Key, Document]:
    """What a manifest declares once a plan is applied to what it declares now."""
    after = dict(existing)
    for change in plan.changes:
        if change.after is None:
            after.pop(change.key, None)
        else:
            after[change.key] = change.after
    return after


def must_be_declared(kind: Kind) -> bool:
    """Whether a reference to this kind dangles unless somebody declares it: events never bring such a thing."""
    return kind not in NAMESPACED


def nearest(name: str, names: Collection[str]) -> str:
    """The name that was probably meant, or the empty text."""
    near = difflib.get_close_matches(name, sorted(names), n=1)
    return near[0] if near else ""


def _claimed(manifest: str, changes: Sequence[Change], around: Around) -> Iterator[Obstacle]:
    for change in changes:
        other = around.claims.get(change.key, manifest)
        if other != manifest and change.after is not None:
            yield Obstacle(
                ObstacleType.CLAIMED,
                change.key,
                f"{change.key} is declared by the manifests {other!r} and {manifest!r}; one thing has one manifest: "
                "remove it from one of them",
            )


def _dangling(
    desired: Mapping[Key, Document], references: Mapping[Key, Sequence[Reference]], around: Around
) -> Iterator[Obstacle]:
    names: dict[Kind, set[str]] = {}
    for key, found in references.items():
        for role, target in found:
            if target in desired or target in around.declared or not must_be_declared(target.kind):
                continue
            if target.kind not in names:
                ours = {other.name for other in desired if other.kind is target.kind}
                names[target.kind] = ours | set(around.names.get(target.kind, ()))
            near = nearest(target.name, names[target.kind] - {target.name})  # what goes has its name still
            hint = f"; did you mean {near!r}?" if near else "; declare it"
            yield Obstacle(
                ObstacleType.DANGLING,
                key,
                f"{key}: {role} refers to {target}, which nobody declares{hint}",
            )


def _still_referred(changes: Sequence[Change], around: Around) -> Iterator[Obstacle]:
    for change in changes:
        users = around.referring.get(change.key, ()) if change.after is None else ()
        if users and must_be_declared(change.key.kind):
            told = ", ".join(f"{key} of the manifest {manifest!r}" for key, manifest in sorted(users)[:SHOWN])
            more = f" and {len(users) - SHOWN:,} more" if len(users) > SHOWN else ""
            yield Obstacle(
                ObstacleType.STILL_REFERRED,
                change.key,
                f"{change.key} cannot be removed: {told}{more} refer to it; change them first",
            )


def _too_many(owned: int, changes: Sequence[Change], removable: float) -> Iterator[Obstacle]:
    removed = sum(change.after is None for change in changes)
    left = owned - removed + sum(change.before is None for change in changes)
    if removable >= 1 or not removed:
        return
    if left and removed <= max(ALWAYS_REMOVED, int(removable * owned + 1e-9)):
        return
    share = min(1.0, removed / owned)
    said = "all" if not left else f"{removed:,} of {owned:,}"
    yield Obstacle(
        ObstacleType.TOO_MANY_REMOVALS,
        None,
        f"{said} entities of this manifest would be removed, and a share of {removable:g} may be; if that is meant, "
        f"say --allow-removals {max(0.01, _rounded_up(share)):g}",
    )


def _rounded_up(share: float) -> float:
    return -(-share * 100 // 1) / 100


def _change(value: Mapping[str, Any]) -> Change:
    key = Key(Kind(value["kind"]), _text(value["namespace"]), _text(value["name"]))
    return Change(key, _document(value["before"]), _document(value["after"]))


def _heading(value: Any) -> HeadingChange | None:
    if value is None:
        return None
    before, after = _document(value["before"]), _document(value["after"])
    return HeadingChange(before or {}, after or {})


def _document(value: Any) -> Document | None:
    if value is not None and not isinstance(value, dict):
        raise TypeError(f"a document must be an object, not {str(value)[:80]!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:80]!r} must be a text")
    return value
