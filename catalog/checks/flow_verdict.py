"""What a walk for a flow policy found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from catalog.checks.judge import Outcome


class Violation(NamedTuple):
    """A sink that a source reaches, with the shortest way between them.

    Attributes:
        source, sink: nodes by their numbers; the sink a whole thing.
        path: the nodes of the way, both ends included.
        jobs: for each step of the way the node of the job that takes it, or -1.
        names: the ids of the nodes of the way.
    """

    source: int
    sink: int
    path: tuple[int, ...]
    jobs: tuple[int, ...]
    names: tuple[str, ...]
    message: str = ""


class FlowVerdict(NamedTuple):
    """What a walk found.

    Attributes:
        outcome: ERROR if any predicate failed, even where there are violations.
        violations: sorted by sink and source.
        errors: which predicate failed where, and why; the first of them.
        sources: how many nodes the walk began from.
        complete: False if `maxDepth` ended it while there was more to follow.
        sinks: the nodes for which `to` holds.
        failed: the nodes for which a predicate failed, with why.
        doubtful: the whole things that something leads to of which it is not known whether it is a source, with why.
    """

    outcome: Outcome
    violations: tuple[Violation, ...]
    errors: tuple[str, ...]
    sources: int
    complete: bool
    sinks: tuple[int, ...] = ()
    failed: Mapping[int, str] = {}
    doubtful: Mapping[int, str] = {}
