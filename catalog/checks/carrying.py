"""Where values go, column by column: what a key or a name of somebody reaches, and by which way."""

from __future__ import annotations

from collections.abc import Container, Iterable

from catalog.checks.classification.propagate import Propagated
from catalog.checks.classification.ways import EVERY_COLUMN, Gait, ends
from catalog.checks.snapshot import Place


def carried(propagated: Propagated, starts: Iterable[Place], without: Container[str] = ()) -> dict[Place, Place | None]:
    """Every place that values of the starts reach, with the place they came from by a shortest way; None of a start.

    Values go on as they are and masked: who has the key, or hashes the value again, still finds the person. They do not
    go on where they are made anonymous, nor where they only decide about rows, nor into the things in `without`.
    """
    ways = propagated.ways
    numbers = sorted({ways.number[place] for place in starts if place in ways.number})
    came: dict[int, int | None] = dict.fromkeys(numbers)
    level = numbers
    while level:
        following = []
        for number in level:
            for target, gait in map(ends, ways.out[number]):
                if (
                    gait in (Gait.VALUE, Gait.MASKED)
                    and target not in came
                    and ways.places[target].thing not in without
                ):
                    came[target] = number
                    following.append(target)
        level = sorted(following)
    return {
        ways.places[number]: None if before is None else ways.places[before]
        for number, before in came.items()
        if ways.places[number].column != EVERY_COLUMN
    }
