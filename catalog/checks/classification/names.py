"""What the name of a column suggests: rules over sets of words (`names.yaml`), not over pieces of text.

`capacity` has no city in it, and `email_verified` is no address. A name is split at what is no letter or digit and at
capital letters; words written as one are taken apart where all of their parts are known.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from catalog.checks.classification.types import Values, values_of

RULES = Path(__file__).with_name("names.yaml")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z]+[0-9]*|[0-9]+")
_LONGEST = 400
"""Characters of a name that are looked at."""
_GLUED = 40
"""Characters of a word that may be several written as one."""


class Guess(NamedTuple):
    """What a name suggests.

    Attributes:
        category: of `categories.CATEGORIES`.
        words: those that said so, as the rule has them.
    """

    category: str
    words: tuple[str, ...]


class Rule(NamedTuple):
    """One rule of `names.yaml`; sets of words, any of which is enough.

    Attributes:
        anywhere, of_people: enough by themselves; enough where people are spoken of.
        never: words that say otherwise.
        against: words that do, unless one of the sets `unless` is there.
        values: that fit.
        places: whether it says nothing in datasets of places and things.
    """

    category: str
    anywhere: tuple[frozenset[str], ...]
    of_people: tuple[frozenset[str], ...]
    never: frozenset[str]
    against: frozenset[str]
    unless: tuple[frozenset[str], ...]
    values: frozenset[Values]
    places: bool


class Rules(NamedTuple):
    """All of `names.yaml`."""

    spelled: dict[str, tuple[str, ...]]
    people: frozenset[str]
    things: frozenset[str]
    vocabulary: frozenset[str]
    rules: tuple[Rule, ...]
    phrases: dict[str, tuple[str, ...]]


def guess(name: str, type: str | None = None, dataset: str = "") -> Guess | None:
    """What the name of a column suggests; None if nothing.

    Args:
        type: as the source spells it; None if it is not known, which vetoes nothing.
        dataset: its name; whether it speaks of people decides about names such as `name`.
    """
    known, told = _rules(), set(words(name))
    if not told:
        return None
    values, about = values_of(type), set(words(dataset.rsplit("/", 1)[-1].rsplit(".", 1)[-1]))
    people = bool((told | about) & known.people)
    of_things = bool(about & known.things) and not about & known.people
    for rule in known.rules:
        if (values not in rule.values and values is not Values.UNKNOWN) or (rule.places and of_things):
            continue
        sets = (*rule.anywhere, *(rule.of_people if people else ()))
        found = next((one for one in sets if one <= told), None)
        if found is None or told & (rule.never - found):
            continue
        if told & (rule.against - found) and not any(one <= told for one in rule.unless):
            continue
        return Guess(rule.category, tuple(sorted(found)))
    return None


def guess_in_words(text: str, type: str | None = None) -> Guess | None:
    """What a sentence about a column suggests: phrases that mean one thing wherever they stand; None if nothing."""
    known, values = _rules(), values_of(type)
    told = f" {' '.join(words(text))} "
    for rule in known.rules:
        if values in rule.values or values is Values.UNKNOWN:
            for phrase in known.phrases.get(rule.category, ()):
                if f" {phrase} " in told:
                    return Guess(rule.category, tuple(phrase.split()))
    return None


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, in the form that the rules know."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST].replace("ß", "ss"))
    split = _HUMP.sub(" ", "".join(c for c in plain if not unicodedata.combining(c)))
    found: list[str] = []
    for word in _WORD.findall(split.lower()):
        found += _spelled(word)
    return tuple(found)


def _spelled(word: str) -> tuple[str, ...]:
    known = _rules()
    if word in known.spelled:
        return known.spelled[word]
    if word in known.vocabulary or len(word) > _GLUED:
        return (word,)
    bare = word.rstrip("0123456789")
    if bare != word and bare:
        return (*_spelled(bare), word[len(bare) :])
    return _apart(word) or (word,)


def _apart(word: str) -> tuple[str, ...]:
    """The words that a word is put together of, at most three, each of at least three letters; () if it is not."""
    known = _rules()
    for cut in range(len(word) - 3, 2, -1):
        head, rest = word[:cut], word[cut:]
        if head in known.vocabulary:
            tail = known.spelled.get(rest) or ((rest,) if rest in known.vocabulary else ())
            if tail:
                return (*known.spelled.get(head, (head,)), *tail)
    return ()


@cache
def _rules() -> Rules:
    told: dict[str, Any] = yaml.safe_load(RULES.read_text("utf-8"))
    spelled = {word: tuple(str(meant).split()) for word, meant in told["spelled"].items()}
    never = frozenset(told["never"])
    rules = tuple(
        Rule(
            rule["category"],
            _sets(rule.get("any", ())),
            _sets(rule.get("of_people", ())),
            never - frozenset(rule.get("allow", ())),
            frozenset(rule.get("not", ())),
            _sets(rule.get("unless", ())),
            frozenset(Values(kind) for kind in rule.get("types", ("text",))),
            bool(rule.get("places")),
        )
        for rule in told["rules"]
    )
    people, things = frozenset(told["people"]), frozenset(told["things"])
    meant = {word for words_ in spelled.values() for word in words_}
    used = {word for rule in rules for one in (*rule.anywhere, *rule.of_people) for word in one}
    vocabulary = people | things | never | meant | used | spelled.keys()
    return Rules(spelled, people, things, frozenset(vocabulary), rules, told["phrases"])


def _sets(told: Any) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(str(words_).split()) for words_ in told)
