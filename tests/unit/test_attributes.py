"""Which value counts where several say what something is."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.attributes import (
    CLASSIFICATION,
    Held,
    Version,
    Voice,
    VoiceOrigin,
    beginning,
    member_key,
    merge,
    merge_all,
    strictness,
)

MANY = settings(max_examples=200, deadline=None)
DECLARED, PERSON, OBSERVED, IMPORTED, INFERRED = VoiceOrigin
attributes = st.sampled_from(["description", "owners", "tags", CLASSIFICATION])
values = st.sampled_from(["public", "internal", "restricted", "secret", "team:a", {"key": "pii"}, {"key": "a", "x": 1}])
voices = st.builds(
    Voice,
    st.sampled_from(VoiceOrigin),
    st.sampled_from(["one", "two"]),
    values,
    st.none() | st.integers(0, 3),
    st.sampled_from(["", "k1", "k2"]),
    st.booleans(),
)
choirs = st.lists(voices, max_size=7)


@MANY
@given(attributes, choirs, st.randoms())
def test_the_order_of_voices_means_nothing(attribute: str, choir: list[Voice], rng: Any) -> None:
    """Whoever is heard first: the same value counts, and the same ones are overruled."""
    shuffled = rng.sample(choir, len(choir))

    assert merge(attribute, choir) == merge(attribute, shuffled)


@MANY
@given(attributes, choirs)
def test_no_voice_is_lost_and_none_is_made_up(attribute: str, choir: list[Voice]) -> None:
    """What does not count is shown all the same, each voice once."""
    shown = [voice for held in merge(attribute, choir) for voice in held.voices]

    assert sorted(map(repr, choir)) == sorted(map(repr, shown))


@MANY
@given(attributes, choirs.filter(bool), st.data())
def test_taking_a_voice_away_leaves_the_others(attribute: str, choir: list[Voice], data: st.DataObject) -> None:
    """Law 4: the others stand in the order in which they stood, and the next one counts where the first one goes."""
    gone = data.draw(st.integers(0, len(choir) - 1))
    rest = choir[:gone] + choir[gone + 1 :]

    before, after = merge(attribute, choir), merge(attribute, rest)
    counting = [held.voice for held in before if held.voice != choir[gone]]
    assert counting == [held.voice for held in after if held.voice in counting]
    assert sorted(map(repr, rest)) == sorted(repr(voice) for held in after for voice in held.voices)


def test_a_manifest_counts_before_a_person_before_an_event_before_an_importer() -> None:
    """Of single values one counts; the others stay visible, in the order in which they would count."""
    choir = [Voice(origin, "x", f"by {origin}", 10 - place) for place, origin in enumerate(VoiceOrigin)]

    for place in range(len(choir)):
        (held,) = merge("description", reversed(choir[place:]))
        assert Held(choir[place], (), tuple(choir[place + 1 :])) == held


def test_of_two_voices_of_one_kind_the_newer_counts() -> None:
    """A thing with two names that two manifests describe is told by the newer one."""
    older, newer = Voice(DECLARED, "a", "old", 1), Voice(DECLARED, "b", "new", 2)

    assert (Held(newer, (), (older,)),) == merge("domain", [older, newer])


def test_a_set_has_every_member_that_anybody_names() -> None:
    """Owners are united, each with who says so; details of a weaker voice do not make another member."""
    ours = Voice(DECLARED, "shop", "team:orders")
    seen = Voice(OBSERVED, "airflow", {"name": "team:orders", "type": "MAINTAINER"})
    other = Voice(PERSON, "ada", "person:7f3a")

    assert (Held(other), Held(ours, (seen,))) == merge("owners", [seen, other, ours])


def test_a_tag_with_a_value_is_another_tag() -> None:
    """`env=prod` and `env=dev` may both hold, and the text `pii` is the tag whose key is pii."""
    assert ["env=prod", "env=dev", "pii", "pii"] == [
        member_key(tag)
        for tag in ({"key": "env", "value": "prod"}, {"key": "env", "value": "dev"}, {"key": "pii"}, "pii")
    ]


def test_the_strictest_classification_counts_whoever_gave_it() -> None:
    """A manifest cannot make public what an importer calls restricted; a level nobody declared is the strictest."""
    mild, strict, odd = (
        Voice(DECLARED, "m", "public"),
        Voice(IMPORTED, "dbt:x", "Restricted"),
        Voice(PERSON, "p", "odd"),
    )

    assert (Held(strict, (), (mild,)),) == merge(CLASSIFICATION, [mild, strict])
    assert (Held(odd, (), (strict, mild)),) == merge(CLASSIFICATION, [mild, strict, odd])
    ours = strictness(["restricted", "odd", "public"])
    assert (Held(mild, (), (odd, strict)),) == merge(CLASSIFICATION, [strict, odd, mild], ours)


def test_only_attributes_that_somebody_speaks_of_are_there() -> None:
    """An empty list of voices is no value."""
    said = Voice(PERSON, "ada", "gold")

    assert {"tier": (Held(said),)} == merge_all({"tier": [said], "domain": []})


def test_a_value_holds_since_the_version_that_began_it() -> None:
    """A later version that changes something else does not make the value younger; a break does."""
    first = Version(1, 4, {"tier": 1})
    other = Version(2, 5, {"tier": 1, "domain": "x"})
    gone = Version(3, 6, None)
    again = Version(4, 7, {"tier": 1})

    def holds(said: Any) -> bool:
        return bool(said.get("tier") == 1)

    assert first == beginning([first, other], holds)
    assert again == beginning([first, other, gone, again], holds)
    assert None is beginning([first, gone], holds)
    assert None is beginning([first, Version(5, 8, {"tier": 2})], holds)
