"""Every error raised on purpose.

CatalogError                                             code                 retryable
├── Rejected                the caller must change something
│   ├── InvalidEvent        (field)                      INVALID_EVENT        no
│   ├── TooLarge            (limit, in bytes)            TOO_LARGE            no
│   ├── UnsupportedEncoding                              UNSUPPORTED_ENCODING no
│   ├── InvalidQuestion                                  INVALID_QUESTION     no
│   │   └── BeyondRetention                              BEYOND_RETENTION     no
│   ├── TooMuchAtOnce                                    TOO_MUCH_AT_ONCE     no
│   ├── InvalidManifest     (problems)                   INVALID_MANIFEST     no
│   ├── InvalidPlan         no plan, or an edited one    INVALID_PLAN         no
│   ├── UnsafePlan          what stands against it       UNSAFE_PLAN          no
│   ├── StalePlan           (manifest)                   STALE_PLAN           no
│   ├── ClaimedElsewhere    (claims)                     CLAIMED              no
│   ├── InvalidSetting                                   INVALID_SETTING      no
│   ├── InvalidArtifact     (file)                       INVALID_ARTIFACT     no
│   ├── InvalidReport       no report, or of another format INVALID_REPORT    no
│   ├── InvalidKey          a key that seals or verifies INVALID_KEY          no
│   ├── OrderFailed         in the worker's words        ORDER_FAILED         no
│   └── UnknownKey          (key)                        NOT_FOUND            no
├── Unavailable             nothing is wrong with the request
│   ├── Overloaded                                       OVERLOADED           yes
│   ├── StoreUnavailable                                 STORE_DOWN           yes
│   ├── StoreFull           no room on the store's disk  STORE_FULL           yes
│   ├── StoreTimeout        one statement over its limit STORE_TIMEOUT        no
│   ├── AppliedMeanwhile    claims must be looked at again APPLIED_MEANWHILE yes
│   ├── Conflict            two writers, too many times  CONFLICT             yes
│   ├── Unsettled           an apply is on its way       UNSETTLED            yes
│   ├── LeaseLost           another worker took over     LEASE_LOST           yes
│   ├── TopicsUnavailable   Kafka                        TOPICS_DOWN          yes
│   └── ServiceUnreachable  the command line's view      UNREACHABLE          yes
└── Misplaced               the machine is not as it must be
    ├── DirectoryInUse                                   DIRECTORY_IN_USE     no
    ├── DirectoryUnusable                                DIRECTORY_UNUSABLE   no
    ├── PortTaken                                        PORT_TAKEN           no
    ├── PartFailed          a supervised part ended      PART_FAILED          no
    └── MigrationDrift      applied text was edited      MIGRATION_DRIFT      no

Anything else that escapes is a bug; doors mask it and log it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

SHOWN = 5
"""Claims, or problems, that a message names; the error has them all."""


class CatalogError(Exception):
    """The root: `code` is stable for machines, the text says what, where and what to do."""

    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False


class Rejected(CatalogError):
    """The caller must change something; sending the same again fails again."""


class InvalidEvent(Rejected):
    """A body that is no OpenLineage event.

    Attributes:
        field: dotted path of the part at fault, empty for the whole body.
    """

    code = "INVALID_EVENT"

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


class TooLarge(Rejected):
    """A body over the size limit, measured after decompression.

    Attributes:
        limit: the limit in bytes.
    """

    code = "TOO_LARGE"

    def __init__(self, reason: str, limit: int) -> None:
        super().__init__(reason)
        self.limit = limit


class UnsupportedEncoding(Rejected):
    """A `Content-Encoding` or charset this service cannot read."""

    code = "UNSUPPORTED_ENCODING"


class InvalidQuestion(Rejected):
    """A query argument outside its range or form."""

    code = "INVALID_QUESTION"


class BeyondRetention(InvalidQuestion):
    """A question about a time that is not kept any more."""

    code = "BEYOND_RETENTION"


class TooMuchAtOnce(Rejected):
    """More would be taken away than a guard allows; nothing was."""

    code = "TOO_MUCH_AT_ONCE"


class InvalidManifest(Rejected):
    """Documents that cannot be read as what they say they are.

    Attributes:
        problems: all of them, each one line that says where and what.
    """

    code = "INVALID_MANIFEST"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        told = "; ".join(self.problems[:SHOWN])
        more = f"; and {len(self.problems) - SHOWN:,} more" if len(self.problems) > SHOWN else ""
        super().__init__(f"{told}{more}")


class InvalidPlan(Rejected):
    """What was given as a plan is none, or was changed since it was made."""

    code = "INVALID_PLAN"


class UnsafePlan(Rejected):
    """A plan that must not be applied: a foreign claim, a dangling reference, too many removals."""

    code = "UNSAFE_PLAN"


class StalePlan(Rejected):
    """The manifest was applied by somebody else since the plan was made; plan again.

    Attributes:
        manifest: its name.
    """

    code = "STALE_PLAN"

    def __init__(self, reason: str, manifest: str) -> None:
        super().__init__(reason)
        self.manifest = manifest


class Claim(NamedTuple):
    """An entity that two manifests declare: the one that has it, and the one that wants it."""

    entity: str
    owner: str
    wanted_by: str


class ClaimedElsewhere(Rejected):
    """Another manifest declares it already; nothing was applied.

    Attributes:
        claims: each entity, with both manifests.
    """

    code = "CLAIMED"

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.claims = tuple(claims)
        named = "; ".join(f"{c.entity} belongs to manifest {c.owner!r}" for c in self.claims[:SHOWN])
        more = f"; and {len(self.claims) - SHOWN:,} more" if len(self.claims) > SHOWN else ""
        wanted = ", ".join(sorted({repr(c.wanted_by) for c in self.claims}))
        super().__init__(f"manifest {wanted} cannot declare what another one does: {named}{more}; remove it from one")


class InvalidSetting(Rejected):
    """A `HEADWATER_…` variable or an option that cannot be used as given."""

    code = "INVALID_SETTING"


class InvalidArtifact(Rejected):
    """A file of another tool that cannot be imported as it stands.

    Attributes:
        file: its path.
    """

    code = "INVALID_ARTIFACT"

    def __init__(self, reason: str, file: str) -> None:
        super().__init__(reason)
        self.file = file


class InvalidReport(Rejected):
    """What was given as a report is none, or has a format that this version does not read."""

    code = "INVALID_REPORT"


class InvalidKey(Rejected):
    """A key that seals or verifies reports, and cannot be used."""

    code = "INVALID_KEY"


class OrderFailed(Rejected):
    """What was ordered could not be done; the text says why."""

    code = "ORDER_FAILED"


class UnknownKey(Rejected):
    """Nothing is stored under this key.

    Attributes:
        key: what was looked for.
    """

    code = "NOT_FOUND"

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(reason)
        self.key = key


class Unavailable(CatalogError):
    """Nothing is wrong with the request; the service cannot serve it now."""

    retryable = True


class Overloaded(Unavailable):
    """More is waiting at the door than may wait."""

    code = "OVERLOADED"


class StoreUnavailable(Unavailable):
    """The graph store does not answer; nothing was written."""

    code = "STORE_DOWN"


class StoreFull(Unavailable):
    """The disk under the store has no room left; nothing was written, reading goes on."""

    code = "STORE_FULL"


class StoreTimeout(Unavailable):
    """One statement ran into the store's limit; asking again would do the same."""

    code = "STORE_TIMEOUT"
    retryable = False


class AppliedMeanwhile(Unavailable):
    """Some manifest was applied between the check of the claims and the commit; check again."""

    code = "APPLIED_MEANWHILE"


class Conflict(Unavailable):
    """Two writers met too many times in a row; nothing was written."""

    code = "CONFLICT"


class Unsettled(Unavailable):
    """An apply was accepted and is not in the graph yet: what stands there is not what will."""

    code = "UNSETTLED"


class LeaseLost(Unavailable):
    """Another worker took the shard over; this one must stop writing."""

    code = "LEASE_LOST"


class TopicsUnavailable(Unavailable):
    """A Kafka broker did not do what it was asked in time, or its client gave up."""

    code = "TOPICS_DOWN"


class ServiceUnreachable(Unavailable):
    """The command line got no usable answer from the service."""

    code = "UNREACHABLE"


class Misplaced(CatalogError):
    """The machine is not as it must be; a person has to look."""


class DirectoryInUse(Misplaced):
    """Another process holds the data directory."""

    code = "DIRECTORY_IN_USE"


class DirectoryUnusable(Misplaced):
    """The data directory cannot be made or written."""

    code = "DIRECTORY_UNUSABLE"


class PortTaken(Misplaced):
    """Something else listens on the port."""

    code = "PORT_TAKEN"


class PartFailed(Misplaced):
    """A supervised part ended and could not be brought back."""

    code = "PART_FAILED"


class MigrationDrift(Misplaced):
    """A migration that was applied has another text now."""

    code = "MIGRATION_DRIFT"
