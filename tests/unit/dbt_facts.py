"""Facts of the corpus' dbt projects, as an import with plain options makes them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from catalog.imports.dbt.mapping import make_facts, project_of
from catalog.imports.dbt.read import read_target
from catalog.imports.dbt.tables import Tables
from catalog.imports.facts import Facts
from catalog.lineage.producers.dbt import Naming
from tests import corpus

DUCK = "duckdb:///tmp/jaffle_shop/jaffle_shop.duckdb"


def facts_of(
    name: str, *, namespace: str = "warehouse", jobs: str = "dbt", naming: Naming = Naming.BUILD, runs: bool = True
) -> Facts:
    """The facts of one project of the corpus."""
    artifacts = read_target(corpus.DBT_PROJECTS[name])
    project = project_of(artifacts.manifest)
    return make_facts(artifacts, Tables(artifacts.manifest, project, namespace, jobs, naming), runs=runs)


def raw(name: str, file: str = "manifest.json") -> Any:
    """An artifact as plain JSON."""
    return json.loads(gzip.decompress((corpus.DBT_PROJECTS[name] / f"{file}.gz").read_bytes()))


def unpacked(name: str, folder: Path) -> Path:
    """A copy of a project's artifacts, as dbt leaves them."""
    for path in corpus.DBT_PROJECTS[name].glob("*.json.gz"):
        (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    return folder
