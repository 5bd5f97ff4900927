"""Artifacts -> facts: the documents of the project's manifest and the events of its runs; nobody is asked."""

from __future__ import annotations

import hashlib
from collections import Counter

from pydantic import ValidationError

from catalog.errors import InvalidSetting
from catalog.imports.dbt.artifacts import Artifacts, Manifest
from catalog.imports.dbt.documents import documents
from catalog.imports.dbt.runs import run_events
from catalog.imports.dbt.tables import Tables
from catalog.imports.dbt.warehouse import freshness_events, table_events
from catalog.imports.facts import Facts
from catalog.manifest.canonical import canonical
from catalog.manifest.credentials import masked
from catalog.manifest.references import WrongReference, key_of

MANIFEST = "dbt:"
_NO_KIND = "the catalog has no kind for it"


def project_of(manifest: Manifest, wanted: str = "") -> str:
    """The name of the root project: as wanted, as told, or as its hash says.

    Raises:
        InvalidSetting: an old manifest with several packages does not say which is the project.
    """
    if wanted or manifest.project:
        return wanted or manifest.project
    hashed = {hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(): name for name in manifest.packages}
    if manifest.project_id in hashed:
        return hashed[manifest.project_id]
    if len(manifest.packages) == 1:
        return next(iter(manifest.packages))
    listed = ", ".join(sorted(manifest.packages)) or "none"
    raise InvalidSetting(f"manifest.json does not name its project (packages: {listed}); say --project NAME")


def make_facts(artifacts: Artifacts, tables: Tables, *, runs: bool = True) -> Facts:
    """The facts of a project.

    Args:
        runs: also the events of its runs and tests; whoever sends these with dbt's OpenLineage wrapper leaves them.
    """
    manifest = artifacts.manifest
    facts = Facts(f"{MANIFEST}{tables.project}", f"The dbt project {tables.project}, as its artifacts tell.")
    facts.notes += artifacts.notes
    facts.read = Counter(f"{node.kind}s" for node in manifest.nodes.values())
    facts.read["columns"] = sum(len(node.columns) for node in manifest.nodes.values())
    if manifest.exposures:
        facts.read["exposures"] = len(manifest.exposures)
    for id_, kind in manifest.others:
        facts.skip(id_, f"{_NO_KIND} ({kind})")
    for id_ in manifest.disabled:
        facts.skip(id_, "it is disabled")
    for node in manifest.nodes.values():
        if node.ephemeral:
            facts.skip(node.id, "it is ephemeral and has no table; lineage goes through it")
    for written in documents(manifest, tables, facts):
        named = " ".join(str(written[part]) for part in ("kind", "namespace", "name") if part in written)
        try:
            body = canonical(masked(written))
            facts.documents[key_of(body)] = body
        except (ValidationError, WrongReference) as wrong:
            facts.skip(named, f"it is no document: {_told(wrong)}")
    if runs:
        facts.events += run_events(artifacts, tables, facts)
        facts.events += freshness_events(artifacts, tables, facts)
    facts.events += table_events(artifacts, tables, facts)
    return facts


def _told(wrong: Exception) -> str:
    if isinstance(wrong, ValidationError):
        first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]
    return str(wrong)[:300]
