"""Plants are what they say: manifests that load, events that a service takes, places that both tell of."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.assets.keys import Key, Kind, dataset_of, job_of
from catalog.checks.loading import PACKS, read_policies
from catalog.identity import Name
from catalog.lineage.translate import translate
from catalog.manifest.load import load
from catalog.manifest.references import key_of
from tests.planted import World, names, plant


def known(world: World) -> set[Key | Name]:
    """What the documents and the events of a world name."""
    found: set[Key | Name] = {key_of(document) for document in world.documents}
    for event in world.events:
        for one in (*event.get("inputs", ()), *event.get("outputs", ()), event.get("dataset"), event.get("job")):
            if one is not None:
                found.add(Name(one["namespace"], one["name"]))
    return found


@pytest.mark.parametrize("pack", ["ai-act", "hygiene", "ml", "quality"])
def test_every_policy_has_a_plant(pack: str) -> None:
    """One that nothing breaks is not known to find anything."""
    assert set() == {policy.name for policy in read_policies(PACKS / pack)} - {*names()}


def test_every_plant_has_a_policy() -> None:
    """One that is renamed takes its plant with it."""
    assert set() == {*names()} - {policy.name for policy in read_policies(PACKS)}


@pytest.mark.parametrize("policy", names())
def test_a_plant_is_a_manifest_and_real_events(policy: str, tmp_path: Path) -> None:
    """Its documents load without a problem, its events are understood without a warning."""
    told = plant(policy)
    path = tmp_path / "plant.yaml"
    path.write_text(yaml.safe_dump_all(told.mended.documents))

    assert [] == load(path).problems
    for event in told.mended.events:
        assert [] == list(translate(dict(event)).warnings)


@pytest.mark.parametrize("policy", names())
def test_what_a_plant_expects_is_in_it(policy: str) -> None:
    """A violation and a near miss; each place is told of, so a test that finds nothing there has looked."""
    told = plant(policy)
    there = known(told.broken)

    assert told.found
    assert told.near
    assert not {one.place for one in told.found} & {one.place for one in told.near}
    for one in (*told.found, *told.near):
        key = one.place.key
        assert key is None or {key, dataset_of(key), job_of(key)} & there or key.kind in (Kind.MODEL_VERSION,)


@pytest.mark.parametrize("policy", names())
def test_mending_changes_something(policy: str) -> None:
    """Its cause can be removed."""
    told = plant(policy)

    assert told.broken != told.mended
