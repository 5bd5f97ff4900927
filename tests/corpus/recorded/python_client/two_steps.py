"""The program behind `python-client.ndjson`: a pipeline of two steps, and a third that fails, told by hand.

What it is told with, and where, is in `OPENLINEAGE__…` variables, as for any program that uses openlineage-python.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, error_message_run, parent_run, schema_dataset
from openlineage.client.uuid import generate_new_uuid

SHOP = "postgres://shop:5432"
NAMESPACE = "python_demo"

Columns = dict[str, tuple[str, str, str]]
"""Source dataset, source column and subtype by output column."""


def written(name: str, columns: Columns) -> OutputDataset:
    """A table with its schema and where its columns come from."""
    schema = schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(name=column, type="int") for column in columns]
    )
    lineage = column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={
            column: column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(
                        namespace=SHOP,
                        name=source,
                        field=field,
                        transformations=[column_lineage_dataset.Transformation(type="DIRECT", subtype=subtype)],
                    )
                ]
            )
            for column, (source, field, subtype) in columns.items()
        }
    )
    return OutputDataset(namespace=SHOP, name=name, facets={"schema": schema, "columnLineage": lineage})


class Step:
    """One run of one job inside the pipeline's run."""

    def __init__(self, client: OpenLineageClient, name: str, parent: str | None = None) -> None:
        self.client = client
        self.name = name
        self.id = str(generate_new_uuid())
        self.facets = {}
        if parent:
            self.facets["parent"] = parent_run.ParentRunFacet(
                run=parent_run.Run(runId=parent), job=parent_run.Job(namespace=NAMESPACE, name="pipeline")
            )

    def tell(
        self, state: RunState, reads: tuple[str, ...] = (), writes: tuple[OutputDataset, ...] = (), error: str = ""
    ) -> None:
        """Send one event."""
        facets = dict(self.facets)
        if error:
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(error, "PYTHON")
        self.client.emit(
            RunEvent(
                eventTime=datetime.now(UTC).isoformat(),
                eventType=state,
                run=Run(runId=self.id, facets=facets),
                job=Job(namespace=NAMESPACE, name=self.name),
                inputs=[InputDataset(namespace=SHOP, name=name) for name in reads],
                outputs=list(writes),
            )
        )


def main() -> int:
    """Tell it all, and wait until it is delivered."""
    client = OpenLineageClient()
    pipeline = Step(client, "pipeline")
    pipeline.tell(RunState.START)

    clean = Step(client, "pipeline.clean", pipeline.id)
    clean.tell(RunState.START, ("shop.raw_orders",))
    table = written(
        "shop.orders",
        {"id": ("shop.raw_orders", "id", "IDENTITY"), "amount": ("shop.raw_orders", "cents", "TRANSFORMATION")},
    )
    clean.tell(RunState.COMPLETE, (), (table,))

    total = Step(client, "pipeline.total", pipeline.id)
    total.tell(RunState.START)
    table = written("shop.revenue", {"total": ("shop.orders", "amount", "AGGREGATION")})
    total.tell(RunState.COMPLETE, ("shop.orders",), (table,))

    publish = Step(client, "pipeline.publish", pipeline.id)
    publish.tell(RunState.START, ("shop.revenue",))
    publish.tell(RunState.FAIL, error="nobody is listening")

    pipeline.tell(RunState.FAIL)
    return 0 if client.close(timeout=60) else 1


if __name__ == "__main__":
    sys.exit(main())
