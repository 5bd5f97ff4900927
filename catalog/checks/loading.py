"""Policies out of files and out of the packs that are shipped, with every fault at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind
from catalog.checks.engine import Engine, engine
from catalog.checks.fixtures import load_policy
from catalog.checks.policy import CompiledPolicy, PolicyFault, RefusedPolicy
from catalog.manifest.canonical import read
from catalog.manifest.documents.policies import Policy
from catalog.manifest.files import read_pieces
from catalog.manifest.load import load
from catalog.manifest.problems import Document, Problem

PACKS = Path(__file__).parent / "packs"
ABOUT = "ABOUT.md"
SWITCHED_OFF = frozenset({"deprecated", "retired"})
"""Lifecycles of a declared policy by which it, and the shipped one of its name, is not judged."""


class LoadedPolicies(NamedTuple):
    """What was read.

    Attributes:
        policies: those that may be judged by, sorted by name.
        problems: what is wrong with the files, and with the policies that were refused.
        documents: of all policies that could be read, refused ones too.
    """

    policies: list[CompiledPolicy]
    problems: list[Problem]
    documents: list[Policy]


class Pack(NamedTuple):
    """Policies that belong together.

    Attributes:
        name: as people choose it.
        about: its page, in Markdown; it says that the pack is no legal advice.
        path: the folder of its policies.
    """

    name: str
    about: str
    path: Path


def packs() -> list[Pack]:
    """The packs that are shipped, sorted by name."""
    found = sorted(path.parent for path in PACKS.glob(f"*/{ABOUT}"))
    return [Pack(path.name, (path / ABOUT).read_text("utf-8"), path) for path in found]


def load_policies(paths: Sequence[str | PathLike[str]], engine: Engine) -> LoadedPolicies:
    """Read the policies of files and directories, compile them and run their cases; other documents are passed over."""
    loaded = load(*paths)
    problems = list(loaded.problems)
    policies, documents = [], []
    for document, policy in _policies(loaded.documents):
        documents.append(policy)
        try:
            policies.append(load_policy(policy, engine))
        except RefusedPolicy as refused:
            problems += [_problem(document, fault) for fault in refused.faults]
    return LoadedPolicies(policies, sorted(problems), documents)


def policy_problems(documents: Iterable[Document]) -> list[Problem]:
    """What is wrong with the policies among documents: expressions, and cases that have another outcome.

    Those that switch a policy off are not judged by, so nothing is asked of them.

    Raises:
        NoEngine: there are policies, and no engine is installed.
    """
    judged = [found for found in _policies(documents) if found[1].lifecycle not in SWITCHED_OFF]
    return sorted(_problem(document, fault) for document, policy in judged for fault in _faults(policy))


def refused_policies(documents: Mapping[Key, Mapping[str, Any]]) -> list[str]:
    """The same of documents that stand in no file, in words."""
    told = []
    for key in sorted(key for key in documents if key.kind is Kind.POLICY):
        policy = read(dict(documents[key]))
        assert isinstance(policy, Policy), key
        if policy.lifecycle not in SWITCHED_OFF:
            told += [f"policy {key.name}: {fault}" for fault in _faults(policy)]
    return told


def _faults(policy: Policy) -> tuple[PolicyFault, ...]:
    try:
        load_policy(policy, engine())
    except RefusedPolicy as refused:
        return refused.faults
    return ()


def read_policies(path: str | PathLike[str]) -> list[Policy]:
    """The policies of a file or directory that can be read: nothing is compiled, no case is run."""
    return [policy for _, policy in _policies(load(path).documents)]


def _policies(documents: Iterable[Document]) -> Iterator[tuple[Document, Policy]]:
    for document in documents:
        if document.body["kind"] == "Policy":
            policy = read(document.body)
            assert isinstance(policy, Policy), document.key
            yield document, policy


def _problem(document: Document, fault: PolicyFault) -> Problem:
    """At the field; the place within the expression is told in words, since YAML may fold and escape it."""
    place = document.place
    pieces = {piece.place: piece for piece in read_pieces(Path(place.file), [])}
    piece = pieces.get((place.line, place.column))
    line, column = piece.find((fault.field,)) if piece and fault.field else (place.line, place.column)
    within = f", at {fault.line}:{fault.column} in it" if fault.field not in ("", "tests") else ""
    name = document.key.name
    return Problem(place.file, line, column, f"policy {name}: `{fault.field}`{within}: {fault.reason}")
