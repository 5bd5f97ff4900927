"""OpenLineage's compatibility tests for consumers, held against Headwater.

The six scenarios (events of OpenLineage/compatibility-tests, in `tests/corpus`) are sent to a running service, which is
then asked over GraphQL alone; `scenarios/*/validation/*.json` is what it must know. The layout of this folder and of
the report is that of the project, so that both can be handed in there.
"""
