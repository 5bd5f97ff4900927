"""Runs the scenarios by hand and writes the report.

python -m tests.compatibility --report headwater-report.json
python -m tests.compatibility --store neo4j

Starts a service of its own over a new store. Ends with 1 when a scenario fails; says what is not as expected.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tests.compatibility.service import emptied
from tests.compatibility.validate import FAILURE, report
from tests.servers.stores import EMBEDDED, NEO4J


def main() -> int:
    """Run, write, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=[EMBEDDED, NEO4J], default=EMBEDDED, help="[%(default)s]")
    parser.add_argument("--report", type=Path, help="the file to write [none]")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="headwater-compatibility-") as folder,
        emptied(given.store, Path(folder)) as (service, clean),
    ):
        components = report(service, clean)
    if given.report:
        given.report.write_text(json.dumps(components, indent=2) + "\n", encoding="utf-8")
    scenarios = [scenario for component in components for scenario in component["scenarios"]]
    for scenario in scenarios:
        print(f"{scenario['status']:8} {scenario['name']} ({len(scenario['tests'])} tests)")
        failed = [test for test in scenario["tests"] if test["status"] == FAILURE]
        print(*(f"    {test['name']}: {said}" for test in failed for said in test["details"]), sep="\n", end="")
    return int(any(scenario["status"] == FAILURE for scenario in scenarios))


if __name__ == "__main__":
    raise SystemExit(main())
