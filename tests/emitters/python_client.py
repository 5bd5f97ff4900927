"""openlineage-python, through both of its HTTP transports, compressed."""

from __future__ import annotations

from tests.corpus import RECORDED
from tests.emitters.stage import Stage

PROGRAM = RECORDED / "python_client"


def tell(stage: Stage, transport: str = "http") -> None:
    """A pipeline of two steps and a third that fails."""
    env = {
        "OPENLINEAGE__TRANSPORT__TYPE": transport,
        "OPENLINEAGE__TRANSPORT__URL": stage.url,
        "OPENLINEAGE__TRANSPORT__COMPRESSION": "gzip",
        "OPENLINEAGE__TRANSPORT__AUTH__TYPE": "api_key",
        "OPENLINEAGE__TRANSPORT__AUTH__API_KEY": stage.token,
    }
    stage.run("python", str(stage.project(PROGRAM) / "two_steps.py"), env=env)


def tell_async(stage: Stage) -> None:
    """The same through the transport that sends from a thread of its own."""
    tell(stage, "async_http")
