"""A manifest of many entities: planned and applied from files, as people do, beside the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import SECONDS, Figure
from tests.benchmarks.service import Service
from tests.benchmarks.session import Session

FIELDS = 10
IN_FILE = 200
MANIFEST = "bench"


def measure(session: Session) -> Iterator[Figure]:
    """Plan, apply, plan again when all or one percent is changed, drift: each the command from its start to its end."""
    service, entities = session.service(), session.size.declared
    folder = session.folder / "manifest"
    write(folder, entities)
    many = f"{entities:,} entities"
    seconds, made = _run(service, "plan", str(folder))
    _expect(len(made["changes"]), entities)
    yield Figure("plan.first", f"plan of {many}, none there", seconds, SECONDS)
    seconds, applied = _run(service, "apply", str(folder), "--yes")
    _expect(applied["entry"]["state"], "APPLIED")
    yield Figure("apply.first", f"apply of {many}, until they are in the graph", seconds, SECONDS)
    seconds, made = _run(service, "plan", str(folder))
    _expect(made["changes"], [])
    yield Figure("plan.same", f"plan of {many}, all as they are", seconds, SECONDS)
    write(folder, entities, changed=entities // 100)
    seconds, made = _run(service, "plan", str(folder))
    _expect(len(made["changes"]), entities // 100)
    yield Figure("plan.few", f"plan of {many}, one percent changed", seconds, SECONDS)
    seconds, _ = _run(service, "apply", str(folder), "--yes")
    yield Figure("apply.few", "apply of that", seconds, SECONDS)
    seconds, found = _run(service, "drift", MANIFEST)
    _expect(found["manifests"][0]["compared"], entities)
    yield Figure("drift", f"drift of {many}, of which none was observed", seconds, SECONDS)


def write(folder: Path, entities: int, *, changed: int = 0) -> None:
    """A manifest's directory: a team and a domain, and as many datasets as pipelines that feed each other."""
    folder.mkdir(exist_ok=True)
    (folder / "headwater.yaml").write_text(f"kind: Manifest\nname: {MANIFEST}\n")
    (folder / "people.yaml").write_text("kind: Team\nname: data\n---\nkind: Domain\nname: sales\n")
    documents = [_document(i, changed=i < changed) for i in range(entities - 2)]
    for at in range(0, len(documents), IN_FILE):
        (folder / f"part-{at // IN_FILE:04}.yaml").write_text("---\n".join(documents[at : at + IN_FILE]))


def _document(i: int, *, changed: bool) -> str:
    words = f"The {'new ' if changed else ''}thing number {i}, described in a sentence as people write them."
    common = f"description: {words}\nowners: [team:data]\ndomain: sales\ntier: 2\n"
    if i % 2:
        ends = f"inputs:\n- {{namespace: 'db', name: t{i - 1}}}\noutputs:\n- {{namespace: 'db', name: t{i + 1}}}\n"
        return f"kind: Pipeline\nnamespace: flows\nname: p{i}\n{common}{ends}"
    fields = "".join(f"- name: c{c}\n  type: text\n  description: column {c}\n" for c in range(FIELDS))
    return f"kind: Dataset\nnamespace: db\nname: t{i}\n{common}classification: internal\nfields:\n{fields}"


def _run(service: Service, *arguments: str) -> tuple[float, Any]:
    env = {**os.environ, **service.environment(), "HEADWATER_URL": f"http://127.0.0.1:{service.port}"}
    command = [sys.executable, "-m", "catalog.cli.main", *arguments, "--json"]
    started = time.perf_counter()
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=1_200, cwd=Path(__file__).parents[2]
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr[-500:]}")
    return seconds, json.loads(done.stdout)


def _expect(found: Any, expected: Any) -> None:
    if found != expected:
        raise RuntimeError(f"{str(found)[:200]}, not {expected}")
