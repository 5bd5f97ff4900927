"""`headwater serve`: the API alone, against a store that is configured."""

from __future__ import annotations

import click

EPILOG = """\b
Examples:
  HEADWATER_STORE_URL=bolt://127.0.0.1:7687 HEADWATER_STORE_PASSWORD=secret headwater serve
  headwater serve --host 0.0.0.0 --port 8080 --processes 4     (with HEADWATER_API_TOKEN set)
"""


@click.command(epilog=EPILOG)
@click.option("--host", help="Address to listen on; anything but loopback needs HEADWATER_API_TOKEN.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes.")
def serve(host: str | None, port: int | None, processes: int) -> None:
    """Serve the API: OpenLineage in, GraphQL out."""
    from granian import Granian
    from granian.constants import Interfaces, Loops

    from catalog.cli.serving import check_host, check_port
    from catalog.settings import read_settings

    settings = read_settings(host=host, port=port)
    settings.needs_store()
    check_host(settings.host, settings.api_token is not None)
    check_port(settings.host, settings.port)
    Granian(
        "catalog.api.app:make_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=processes,
        loop=Loops.auto,
        backlog=1024,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()
