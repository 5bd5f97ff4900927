"""`GET /api/v1/reports/…`: sealed reports as files, the public keys that verify them, and the chain of seals."""

from __future__ import annotations

import re

import orjson
from starlette.requests import Request
from starlette.responses import Response

from catalog.api.asking import ask
from catalog.api.manifests import refused, work
from catalog.api.problems import document
from catalog.bootstrap.service import Service
from catalog.errors import CatalogError, InvalidQuestion
from catalog.graph import reports
from catalog.graph.reports import Kept
from catalog.reports.keys import read_key
from catalog.reports.seal import FORMATS, MEDIA, to_json

REPORTS = "/api/v1/reports"
PAGE = 500
"""Seals of the chain in one answer."""
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, max-age=31536000, immutable",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


async def report_file(request: Request) -> Response:
    """`/{id}?format=pdf` -> the sealed file; the id is the report's number, its hash, or the beginning of that."""
    service: Service = request.app.state.service
    id_, format_ = request.path_params["id"], request.query_params.get("format", "json")
    try:
        if format_ not in FORMATS:
            raise InvalidQuestion(f"format: {format_[:40]!r} is none; there are {', '.join(FORMATS)}")
        kept = await ask(lambda: reports.find(service.reader.store, id_))
        file = await work(lambda: reports.file(service.reader.store, kept, format_)) if kept else None
    except CatalogError as e:
        return refused(e)
    if kept is None or file is None:
        detail = f"no report has the number or id {id_[:80]!r}; `headwater report list` shows those that were made"
        return document(404, {"code": "NOT_FOUND", "detail": detail})
    headers = {"Content-Disposition": f'attachment; filename="{filename(kept, format_)}"', **_HARMLESS}
    return Response(file, media_type=MEDIA[format_], headers={**headers, "ETag": f'"{kept.seal.hash}-{format_}"'})


async def public_key(request: Request) -> Response:
    """All public keys that seal or have sealed, in PEM, the present one first; `?id=` chooses one."""
    service: Service = request.app.state.service
    wanted, path = request.query_params.get("id"), service.settings.seal_key
    try:
        keys = (await ask(lambda: reports.public_keys(service.reader.store)))[::-1]
        if path is not None:
            mine = read_key(path.expanduser()).public
            keys = [(mine.id, mine.pem), *(key for key in keys if key[0] != mine.id)]
    except CatalogError as e:
        return refused(e)
    told = [f"key {id_}{', the present one' if not at else ''}\n{pem}" for at, (id_, pem) in enumerate(keys)]
    found = [text for text, (id_, _) in zip(told, keys, strict=True) if wanted in (None, id_)]
    if not found:
        detail = (
            "no key has sealed yet: make a report" if not keys else "no key has this id; without `id` there are all"
        )
        return document(404, {"code": "NOT_FOUND", "detail": detail})
    return Response("".join(found), media_type="application/x-pem-file")


async def chain(request: Request) -> Response:
    """`?first=1` -> up to PAGE seals by number, and how many there are in all: to verify the chain with."""
    service: Service = request.app.state.service
    given = request.query_params.get("first", "1")
    try:
        if not (given.isascii() and given.isdigit() and 0 < len(given) < 10):
            raise InvalidQuestion(f"first: {given[:40]!r} is no number of a seal; the first is 1")
        store, first = service.reader.store, int(given)
        newest = await ask(lambda: reports.count(store))
        found = await ask(lambda: reports.chain(store, max(1, first), min(newest, first + PAGE - 1)))
    except CatalogError as e:
        return refused(e)
    body = {"newest": newest, "seals": [to_json(kept.seal) for kept in found]}
    return Response(orjson.dumps(body), media_type="application/json")


def filename(kept: Kept, format_: str) -> str:
    """What the file is called: printable ASCII alone."""
    return f"{_UNSAFE.sub('-', kept.name)}-{kept.number}.{format_}"
