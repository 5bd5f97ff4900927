"""Answer "what did this one run do": from its own events, whatever other runs of its job did."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.graph.reader import Reader
from catalog.graph.run_lineage import RunWalk, trace_run
from catalog.graph.walk import PRESENT, Moment
from catalog.usecases.moments import Standing, standing


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """What a run did, how far the inbox was when it was asked, and the moment asked about."""

    walk: RunWalk
    standing: Standing
    moment: Moment


def run_lineage(reader: Reader, id_: str, moment: Moment = PRESENT) -> RunAnswer | None:
    """The lineage of one run; None if there is none (or the reader may not see it), or nothing was heard of it then.

    Raises:
        InvalidQuestion: it has too many events to be read again.
    """
    before = standing(reader)
    walk = trace_run(reader, id_, moment)
    return RunAnswer(walk, before, moment) if walk else None
