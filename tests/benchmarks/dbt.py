"""The largest dbt project of the corpus, as typed on the command line: its plan, the import, the same again."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.benchmarks.figures import SECONDS, Figure
from tests.benchmarks.importing import run
from tests.benchmarks.session import Session
from tests.corpus import DBT_PROJECTS

PROJECT = "fivetran/dbt_jira"
_STEPS = {"plan": ("--dry-run",), "new": (), "again": ()}
_TEXTS = {"plan": "the plan", "new": "imported", "again": "imported again: nothing is new"}


def measure(session: Session) -> Iterator[Figure]:
    """Seconds of the whole command, the start of Python included; the plan is promised in two seconds."""
    service = session.service()
    for step, options in _STEPS.items():
        started = time.perf_counter()
        report = run(
            service, "import", "dbt", str(DBT_PROJECTS[PROJECT]), "--namespace", "postgres://db:5432", *options
        )
        seconds = time.perf_counter() - started
        counts = report["documents"]
        if (counts["created"] == 0) is not (step == "again") or report["events"]["refused"]:
            raise RuntimeError(f"the import of {PROJECT} did something else: {counts}")
        note = f"{counts['created'] + counts['unchanged']} documents, {report['events']['made']} events"
        yield Figure(f"dbt.{step}", f"dbt project of 61 models, {_TEXTS[step]}", seconds, SECONDS, note)
