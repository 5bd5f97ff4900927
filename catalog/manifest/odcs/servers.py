"""Which dataset a contract's table is, by the server it is on: the names that OpenLineage gives such datasets.

Source: OpenLineage, naming conventions (spec/Naming.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_DATABASES = {
    "postgres": ("postgres", 5432),
    "postgresql": ("postgres", 5432),
    "redshift": ("redshift", 5439),
    "mysql": ("mysql", 3306),
    "sqlserver": ("mssql", 1433),
    "mssql": ("mssql", 1433),
    "trino": ("trino", 8080),
    "oracle": ("oracle", 1521),
}
_WITHOUT_SCHEMA = {"mysql"}


def dataset_of(servers: Any, table: Mapping[str, Any]) -> dict[str, str] | None:
    """The dataset's namespace and name; None where there is no server, more than one, or one that says too little."""
    if not isinstance(servers, list) or len(servers) != 1 or not isinstance(servers[0], dict):
        return None
    server = servers[0]
    name = table.get("physicalName") or table.get("name")
    type_ = str(server.get("type") or "").lower()
    if not isinstance(name, str) or not name:
        return None
    if type_ in _DATABASES:
        return _in_database(*_DATABASES[type_], server, name, schema=type_ not in _WITHOUT_SCHEMA)
    if type_ == "kafka" and _said(server, "host"):
        host = server["host"].split(",")[0].strip()
        return {"namespace": f"kafka://{host if ':' in host else host + ':9092'}", "name": name}
    if type_ == "bigquery" and _said(server, "project", "dataset"):
        return {"namespace": "bigquery", "name": f"{server['project']}.{server['dataset']}.{name}"}
    if type_ == "snowflake" and _said(server, "account", "database", "schema"):
        path = f"{server['database']}.{server['schema']}.{name}"
        return {"namespace": f"snowflake://{server['account']}", "name": path}
    return None


def _in_database(scheme: str, port: int, server: Json, table: str, *, schema: bool) -> dict[str, str] | None:
    if not _said(server, "host", "database", *(["schema"] if schema else [])):
        return None
    parts = [server["database"], *([server["schema"]] if schema else []), table]
    number = server.get("port")
    return {
        "namespace": f"{scheme}://{server['host']}:{number if isinstance(number, int | str) and number else port}",
        "name": ".".join(parts),
    }


def _said(server: Json, *keys: str) -> bool:
    return all(isinstance(server.get(key), str) and server[key] for key in keys)
