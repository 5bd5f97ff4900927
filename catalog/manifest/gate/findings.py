"""What the gate finds: the rules it knows, each a page of two lines, and what it says of one change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.assets.keys import Key


class Level(StrEnum):
    """How much a finding weighs; the words are those of SARIF."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Rule(NamedTuple):
    """A rule: what it looks at, what breaks for others, and what to do instead."""

    id: str
    title: str
    breaks: str
    remedy: str


_BUMP = "Raise the major version of the contract in the same change, and tell those downstream."

DATASET_REMOVED = Rule(
    "dataset-removed", "A dataset is declared no more", "Readers lose it, its owner and its contract.", _BUMP
)
COLUMN_DROPPED = Rule(
    "column-dropped", "A column is gone", "Queries that name the column fail.", f"Keep it as deprecated. {_BUMP}"
)
COLUMN_RENAMED = Rule(
    "column-renamed",
    "A column has another name",
    "Queries that use the old name fail.",
    f"Keep the old name beside the new one for a while. {_BUMP}",
)
TYPE_NARROWED = Rule(
    "type-narrowed", "A column holds less than before", "Values are cut or refused, sums overflow.", _BUMP
)
TYPE_CHANGED = Rule("type-changed", "A column has another type", "Readers that parse the old type fail.", _BUMP)
NULLABLE = Rule(
    "nullable-changed", "A column may be empty now", "Joins and sums that count on a value go wrong silently.", _BUMP
)
REQUIRED_LOST = Rule(
    "required-lost",
    "A promise about values is gone",
    "What was required, unique or a key is not any more: duplicates and gaps appear downstream.",
    _BUMP,
)
OWNER_GONE = Rule(
    "owner-gone",
    "Nobody owns it any more",
    "Nobody answers when it breaks, and nobody may approve a change.",
    "Name another owner in the same change.",
)
RETENTION_SHORTENED = Rule(
    "retention-shortened", "Data are kept for a shorter time", "History that others rely on is deleted.", _BUMP
)
RETENTION_GONE = Rule(
    "retention-gone",
    "Nobody says any more how long data are kept",
    "Neither a reader nor an auditor can rely on a period.",
    "State a retention, or say why there is none.",
)
CLASSIFICATION_LOWERED = Rule(
    "classification-lowered",
    "Something counts as less sensitive than before",
    "Protection that rests on the classification falls away.",
    "Have the steward agree, and raise the major version of the contract.",
)
SERVICE_LEVEL_LOST = Rule(
    "service-level-lost", "A promised service level is gone", "Alerts and schedules rest on it.", _BUMP
)
CONTRACT_REMOVED = Rule(
    "contract-removed",
    "A contract is gone",
    "Everything it promised is promised no more.",
    "Set its status to deprecated or retired first, and remove it when nobody reads under it.",
)
PROMISE_BROKEN = Rule(
    "promise-broken",
    "A dataset is not what its contract promises",
    "Those who read under the contract do not get what it says.",
    "Change the dataset or the contract, so that both say the same.",
)
COMPATIBLE = Rule(
    "compatible-change",
    "A change that breaks nobody",
    "Nothing: it is shown so that people can see it.",
    "None needed.",
)
IMPACT = Rule(
    "lineage-impact",
    "A change reaches what is downstream",
    "Everything on the way sees another input.",
    "Talk to the owners that are named before this is merged.",
)

RULES = (
    DATASET_REMOVED,
    COLUMN_DROPPED,
    COLUMN_RENAMED,
    TYPE_NARROWED,
    TYPE_CHANGED,
    NULLABLE,
    REQUIRED_LOST,
    OWNER_GONE,
    RETENTION_SHORTENED,
    RETENTION_GONE,
    CLASSIFICATION_LOWERED,
    SERVICE_LEVEL_LOST,
    CONTRACT_REMOVED,
    PROMISE_BROKEN,
    COMPATIBLE,
    IMPACT,
)


class At(NamedTuple):
    """Where a finding stands: a file as people name it, from 1; `old` if it is the file as it was before."""

    file: str
    line: int
    column: int = 1
    old: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says of one change.

    Attributes:
        field: the column it is about; empty for the thing as a whole.
        contract: the contract that makes it a breach.
        message: what changed, from what to what.
        at: where it stands; None where nothing says so.
    """

    rule: Rule
    level: Level
    key: Key
    field: str
    message: str
    contract: Key | None = None
    at: At | None = None

    @property
    def subject(self) -> str:
        """The thing and the column, as people read them."""
        return f"{self.key} · {self.field}" if self.field else str(self.key)


class Start(NamedTuple):
    """Where the walk for the impact of a change starts, and what was done there."""

    key: Key
    field: str
    change: str


@dataclass(frozen=True, slots=True)
class Reached:
    """Something downstream of a change.

    Attributes:
        kind: Dataset, Pipeline, Dashboard, ModelVersion, Deployment or Column.
        owners: who is to be told.
        path: the shortest way from the change to it, both ends included, as people read names.
        certain: whether lineage says that it uses the column that changes; else it may.
    """

    kind: str
    namespace: str
    name: str
    field: str
    owners: tuple[str, ...]
    path: tuple[str, ...]
    certain: bool = True

    @property
    def subject(self) -> str:
        """The thing and the column, as people read them."""
        words = f"{'' if self.certain else 'perhaps '}{self.kind} {self.namespace} {self.name}"
        return f"{words} · {self.field}" if self.field else words


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change reaches.

    Attributes:
        known: whether the graph knows the thing at all; if it does not, nothing could be walked.
        truncated_by: what cut the walk off (DEPTH, NODES, EDGES, TIME); empty if it is complete.
        hidden: nodes left out because the reader may not see them.
    """

    start: Start
    reached: tuple[Reached, ...]
    known: bool = True
    truncated_by: tuple[str, ...] = ()
    hidden: int = 0
    at: At | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that the gate says of a change.

    Attributes:
        manifest: the name of the manifest.
        against: what it was compared with, as people name it.
        compared: entities compared, on both sides together.
        impacts: None where nobody walked the lineage; `unwalked` says why.
        stale: entries of the inbox that the lineage did not count yet.
    """

    manifest: str
    against: str
    compared: int
    findings: tuple[Finding, ...]
    impacts: tuple[Impact, ...] | None = None
    unwalked: str = ""
    stale: bool = False

    def of(self, level: Level) -> list[Finding]:
        """The findings of one level."""
        return [finding for finding in self.findings if finding.level is level]

    @property
    def complete(self) -> bool:
        """Whether all that is downstream was seen."""
        return self.impacts is not None and not self.stale and not any(i.truncated_by or i.hidden for i in self.impacts)

    @property
    def owners(self) -> list[str]:
        """Everybody whose things are reached."""
        return sorted({owner for impact in self.impacts or () for one in impact.reached for owner in one.owners})
