"""`/schema/…`: the JSON Schemas that producers and editors read, such as `/schema/facets/headwater_mlModel.json`.

They are contracts that everybody may know, so no token is asked for. Each folder of `schema/` that holds JSON Schemas
is served at its own path.
"""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response

from catalog.api.problems import document
from catalog.resources import schema_dir

AT = "/schema/"
MEDIA_TYPE = "application/schema+json"


@cache
def served() -> dict[str, bytes]:
    """All JSON Schemas by path below `/schema/`; a closed list, so no path leads anywhere else."""
    root = schema_dir()
    found = (path for path in sorted(root.rglob("*.json")) if path.is_file())
    return {str(PurePosixPath(path.relative_to(root))): path.read_bytes() for path in found}


async def schema_file(request: Request) -> Response:
    """One schema."""
    body = served().get(request.path_params["path"])
    if body is None:
        return document(404, {"code": "NOT_FOUND", "detail": f"no schema there; there is: {', '.join(served())}"})
    return Response(body, media_type=MEDIA_TYPE, headers={"Cache-Control": "max-age=3600"})
