"""Answer "what changed between two versions of a model": parameters, metrics, data, columns, code, aliases, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.graph.reader import Reader
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name
from catalog.lineage.facets.model import VersionKey
from catalog.usecases.model_versions import Detail, detail
from catalog.usecases.moments import Standing, standing
from catalog.usecases.trainings import Data


class Changed(NamedTuple):
    """A value that is not the same; None where a version has none."""

    name: str
    before: Any
    after: Any


class DataChanged(NamedTuple):
    """A dataset whose part in the training is not the same.

    Attributes:
        before, after: its versions; None: not trained on.
        added, removed: columns, where both are known.
    """

    name: Name
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What is different in `after`; `unknown` says what could not be compared."""

    before: Detail
    after: Detail
    params: tuple[Changed, ...]
    metrics: tuple[Changed, ...]
    about: tuple[Changed, ...]
    data: tuple[DataChanged, ...]
    evaluated: tuple[DataChanged, ...]
    artifacts: tuple[Changed, ...]
    aliases_before: tuple[str, ...]
    aliases_after: tuple[str, ...]
    unknown: tuple[str, ...]
    standing: Standing

    @property
    def empty(self) -> bool:
        """Whether nothing is different that could be compared."""
        parts = (self.params, self.metrics, self.about, self.data, self.evaluated, self.artifacts)
        return not any(parts) and self.aliases_before == self.aliases_after


def version_diff(reader: Reader, before: VersionKey, after: VersionKey, moment: Moment = PRESENT) -> VersionDiff | None:
    """What changed from one version to another; None if nobody speaks of one of them."""
    now = standing(reader)
    first, second = detail(reader, before, moment), detail(reader, after, moment)
    if first is None or second is None:
        return None
    unknown = [
        f"nobody tells {what} of version {told.key.version}"
        for told in (first, second)
        for what, known in (("which run trained", told.trainings), ("parameters", told.params), ("data", told.data))
        if not known
    ]
    return VersionDiff(
        first,
        second,
        _changed(first.params, second.params),
        _changed(first.metrics, second.metrics),
        _changed(_about(first), _about(second)),
        _data(first.data, second.data),
        _data(first.evaluated, second.evaluated),
        _changed(_artifacts(first), _artifacts(second)),
        _aliases(first),
        _aliases(second),
        tuple(unknown),
        now,
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    names = sorted({*before, *after})
    return tuple(
        Changed(name, before.get(name), after.get(name))
        for name in names
        if (name in before, before.get(name)) != (name in after, after.get(name))
    )


def _about(told: Detail) -> dict[str, Any]:
    said, run = told.said, told.trainings[0] if told.trainings else None
    about = {
        "codeVersion": told.code_version,
        "framework": told.framework,
        "frameworkVersion": run.said.framework_version if run and run.said else None,
        "seed": run.said.seed if run and run.said else None,
        "trainingJob": f"{run.job.namespace} {run.job.name}" if run else None,
        "flavor": said.flavor if said else None,
        "stage": said.stage if said else None,
        "signature": said.signature if said else None,
    }
    return {name: value for name, value in about.items() if value is not None}


def _artifacts(told: Detail) -> dict[str, Any]:
    files = {a.name: a.digest or a.uri or "" for a in (told.said.artifacts if told.said else ())}
    documented = (one for d in told.documents for one in d.document.get("artifacts") or ())
    return {**{one["name"]: one.get("digest") or one.get("uri") for one in documented}, **files}


def _aliases(told: Detail) -> tuple[str, ...]:
    return tuple(sorted({alias for alias, stint in told.aliases if stint.until is None}))


def _data(before: Iterable[Data], after: Iterable[Data]) -> tuple[DataChanged, ...]:
    first, second = _merged(before), _merged(after)
    found = []
    for name in sorted({*first, *second}):
        was, now = first.get(name), second.get(name)
        added = removed = set[str]()
        if was and now and was[1] and now[1]:
            added, removed = now[1] - was[1], was[1] - now[1]
        old, new = (tuple(sorted(one[0])) if one else None for one in (was, now))
        if old != new or added or removed:
            found.append(DataChanged(name, old, new, tuple(sorted(added)), tuple(sorted(removed))))
    return tuple(found)


def _merged(data: Iterable[Data]) -> dict[Name, tuple[set[str], set[str]]]:
    """Versions and columns of each dataset, by all who speak of it."""
    found: dict[Name, tuple[set[str], set[str]]] = {}
    for one in data:
        versions, columns = found.setdefault(one.name, (set(), set()))
        versions.update(one.versions)
        columns.update(one.columns)
    return found
