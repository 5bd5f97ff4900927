"""Which policies a snapshot is judged by: those of the packs that are asked for, and those that people declare."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from catalog.assets.keys import Key, Kind, entity_id
from catalog.checks.engine import Engine
from catalog.checks.engine import engine as engine_named
from catalog.checks.fixtures import load_policy
from catalog.checks.loading import SWITCHED_OFF, read_policies
from catalog.checks.loading import packs as shipped_packs
from catalog.checks.policy import CompiledPolicy, RefusedPolicy
from catalog.checks.snapshot import Snapshot, Thing
from catalog.errors import UnknownKey
from catalog.lineage.canonical import canonical as spelled
from catalog.manifest.canonical import read
from catalog.manifest.documents.policies import Policy
from catalog.manifest.validating import hint

ALL = "all"
"""Stands for every pack."""


class Chosen(NamedTuple):
    """A policy to judge by.

    Attributes:
        compiled: of a refused one the document alone, without programs.
        pack: the pack it came with, or the manifest that declares it.
        refused: why nothing can be judged by it; then it is an ERROR of the policy itself.
    """

    compiled: CompiledPolicy
    pack: str
    refused: str = ""


def choose(
    snapshot: Snapshot, packs: Sequence[str], engine: Engine, *, all_declared: bool = True
) -> tuple[list[Chosen], list[str]]:
    """The policies of some packs, then those that the snapshot declares, sorted by name; and what is wrong with them.

    A declared one takes the place of a shipped one of its name; deprecated or retired, it switches it off.

    Args:
        all_declared: whether every declared one counts, or only those that take a place and those that serve a control
            of a framework that the packs serve.

    Raises:
        UnknownKey: there is no such pack.
    """
    found = {one.compiled.policy.name: one for name in pack_names(packs) for one in _shipped(name, engine.name)}
    told = []
    frameworks = set[str]().union(*map(_frameworks, found.values()))
    declared = [thing for thing in snapshot.things.values() if thing.key.kind is Kind.POLICY]
    for thing in sorted(declared, key=lambda thing: thing.key):
        one = _declared(thing, engine)
        if one is None:
            found.pop(thing.key.name, None)
        elif (
            all_declared or thing.key.name in found or frameworks & {c.framework for c in one.compiled.policy.controls}
        ):
            found[thing.key.name] = one
            told += [f"policy {thing.key.name}: {one.refused}"] if one.refused else []
    return [found[name] for name in sorted(found)], told


def _frameworks(one: Chosen) -> set[str]:
    return {control.framework for control in one.compiled.policy.controls}


def policy_place_id(name: str) -> str:
    """The id by which findings about a policy itself, or about a whole population, go."""
    return entity_id(Key(Kind.POLICY, "", name))


def pack_names(chosen: Collection[str]) -> list[str]:
    """The packs that are chosen, sorted by name; `all` chooses every one.

    Raises:
        UnknownKey: there is no such pack; those that are spelled nearly so are named.
    """
    known = [pack.name for pack in shipped_packs()]
    for name in chosen:
        if name not in (*known, ALL):
            raise UnknownKey(f"no pack is called {name[:80]!r}{hint(name, [*known, ALL])}", name)
    return known if ALL in chosen else [name for name in known if name in chosen]


@cache
def shipped_policies() -> Mapping[str, str]:
    """By name of every policy that is shipped, its pack."""
    return {policy.name: pack.name for pack in shipped_packs() for policy in read_policies(pack.path)}


@lru_cache(maxsize=64)
def _shipped(pack: str, engine: str) -> tuple[Chosen, ...]:
    path = next(found.path for found in shipped_packs() if found.name == pack)
    return tuple(_loaded(policy, engine_named(engine), pack) for policy in read_policies(path))


def _declared(thing: Thing, engine: Engine) -> Chosen | None:
    """A declared policy; None if it is switched off. Compiled once for each text."""
    if thing.attributes.get("lifecycle", thing.document.get("lifecycle")) in SWITCHED_OFF:
        return None
    return _read(spelled({"kind": "Policy", "name": thing.key.name, **thing.document}), thing.manifest, engine.name)


@lru_cache(maxsize=2_000)
def _read(text: bytes, manifest: str, engine_name: str) -> Chosen:
    body, engine = json.loads(text), engine_named(engine_name)
    try:
        policy = read(body)
        assert isinstance(policy, Policy), policy
    except (ValidationError, AssertionError) as wrong:
        return Chosen(CompiledPolicy(_stub(str(body["name"])), engine, {}, ""), manifest, f"cannot be read: {wrong}")
    return _loaded(policy, engine, manifest)


def _loaded(policy: Policy, engine: Engine, pack: str) -> Chosen:
    try:
        return Chosen(load_policy(policy, engine), pack)
    except RefusedPolicy as refused:
        return Chosen(CompiledPolicy(policy, engine, {}, ""), pack, "; ".join(map(str, refused.faults)))


def _stub(name: str) -> Policy:
    """What stands for a policy that cannot be read."""
    body = {"kind": "Policy", "name": name, "version": "?", "severity": "high", "type": "entity", "target": "entity"}
    return Policy.model_validate({**body, "assert": "false"})
