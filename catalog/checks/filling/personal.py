"""Which things hold personal data, which of them special or protected ones, and by which columns.

What is stated of a thing, or tagged at it or at one of its columns, or arrives there by propagation, counts; that it
states to hold none counts where nothing else is found. Nobody's word is null.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from catalog.checks.classification.categories import category_tag, is_category
from catalog.checks.filling.entity import block
from catalog.checks.snapshot import Place, Thing

if TYPE_CHECKING:
    from catalog.checks.filling.known import Known

SPECIAL = ("biometric", "ethnicity", "genetic", "health", "politics", "religion", "sexuality", "union")
"""Categories that are special ones (GDPR Art. 9(1))."""
SENSITIVE = frozenset(
    category_tag(name)
    for name in (
        *(one for one in SPECIAL if one != "politics"),
        "credentials",
        "financial",
        "government_id",
        "location",
    )
)
"""Tags of sensitive personal information (CCPA 1798.140(ae))."""
PHI = "phi"
_UNTOLD = frozenset({"safe_harbor", "expert"})
"""Ways to de-identify after which data are protected no longer (HIPAA 164.514(b))."""


class Personal:
    """What is known of the personal data in the things of a snapshot."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._whole: dict[str, frozenset[str]] = {}

    def tags(self, thing: str) -> frozenset[str]:
        """All tags that hold of a thing or of one of its columns."""
        found = self._whole.get(thing)
        if found is None:
            found = self._whole[thing] = frozenset(self._known.propagated.whole(thing).tags)
        return found

    def holds(self, thing: Thing) -> bool | None:
        """Whether there are personal data in a thing."""
        if any(map(is_category, self.tags(thing.id))):
            return True
        return False if stated(thing).get("contains") is False else None

    def special(self, thing: Thing) -> list[str]:
        """The special categories in a thing."""
        told = stated(thing).get("specialCategories") or ()
        return sorted({*special_of(self.tags(thing.id)), *map(str, told)})

    def protected(self, thing: Thing) -> bool | None:
        """Whether there is protected health information in a thing (HIPAA)."""
        told = stated(thing)
        if told.get(PHI) is True or any(tag == PHI or tag.startswith(f"{PHI}/") for tag in self.tags(thing.id)):
            return True
        untold = block(told.get("deidentification")).get("method") in _UNTOLD
        return False if told.get(PHI) is False or untold else None

    def columns(self, thing: Thing) -> frozenset[str]:
        """The columns by which personal data leave a thing: those that hold some, and the keys of people."""
        found = self._columns.get(thing.id)
        if found is None:
            names = self._known.columns(thing)
            tagged = {name for name in names if any(map(is_category, self.of_column(thing.id, name)))}
            keys = map(str, stated(thing).get("subjectKey") or ())
            found = self._columns[thing.id] = frozenset(tagged.union(keys))
        return found

    def of_column(self, thing: str, column: str) -> tuple[str, ...]:
        """The tags that hold of a column."""
        return self._known.effective(Place(thing, column)).tags

    def sensitive(self, thing: Thing) -> list[str]:
        """The columns with sensitive personal information (CCPA)."""
        return [name for name in self._known.columns(thing) if SENSITIVE.intersection(self.of_column(thing.id, name))]

    @cached_property
    def _columns(self) -> dict[str, frozenset[str]]:
        return {}


def stated(thing: Thing) -> dict[str, Any]:
    """What a thing states of its personal data."""
    return block(thing.attributes.get("personalData"))


def special_of(tags: Any) -> list[str]:
    """The special categories that tags name."""
    return [name for name in SPECIAL if category_tag(name) in tags]
