"""Which waivers cover a breach: those that have not ended at the moment that is judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling.known import OFF, Known
from catalog.checks.selecting import means, selected
from catalog.checks.snapshot import Place, Thing
from catalog.clock import from_datetime


class Waivers:
    """The waivers of a snapshot that are in force."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def covering(self, policy: str, place: Place) -> Thing | None:
        """The waiver that covers a breach of a policy by a thing or a column; of several the one that ends last."""
        return next((one for one in self._in_force.get(policy, ()) if self._covers(one, place)), None)

    @cached_property
    def _in_force(self) -> Mapping[str, list[Thing]]:
        found: dict[str, list[tuple[int, Thing]]] = defaultdict(list)
        for waiver in self._known.by_kind.get(Kind.WAIVER, ()):
            if (ends := in_force_until(waiver, self._known.snapshot.at)) is not None:
                found[str(waiver.document.get("policy") or "").removeprefix("policy:")].append((ends, waiver))
        return {
            policy: [one for _, one in sorted(some, key=lambda pair: (-pair[0], pair[1].key))]
            for policy, some in found.items()
        }

    def _covers(self, waiver: Thing, place: Place) -> bool:
        thing = self._known.snapshot.things.get(place.thing)
        if thing is None:
            return False
        if means(self._known, waiver.document.get("entities"), thing):
            return True
        select = waiver.document.get("select")
        return isinstance(select, Mapping) and bool(select) and selected(self._known, select, place)


def in_force_until(waiver: Thing, at: int) -> int | None:
    """When a waiver ends that excuses something at a time, both µs; None if it excuses nothing then.

    So it is if its end cannot be read, and if its document does not count.
    """
    told: Any = waiver.document.get("expires")
    try:
        ends = from_datetime(datetime.fromisoformat(str(told)))
    except ValueError:
        return None
    return ends if ends > at and waiver.attributes.get("lifecycle") not in OFF else None
