"""HTTP as the services of the tests speak it, without TLS.

httpx reads every certificate authority it knows for each request that has no client, 30 ms of a processor; a test that
waits would take a third of a core from the service it waits for.
"""

from __future__ import annotations

import ssl
from functools import partial

import httpx

_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority: an address with https is refused."""

get = partial(httpx.get, verify=_NOBODY)
post = partial(httpx.post, verify=_NOBODY)
