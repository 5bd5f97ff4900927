"""Where an emitter plays its run: a folder of its own, a plain environment, and the address to post to.

Projects are written for the folder `ROOT`. Live they are copied into the stage, with `ROOT` replaced by its folder
in their text; what comes back, and what is recorded, is put back to `ROOT`. So the same names are expected of a live
run and of its recording, and no recording tells about a machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.process import end_with_parent

ROOT = "/tmp"
RUN_SECONDS = 300
_LAST = 6_000


@dataclass(frozen=True)
class Stage:
    """One run of one emitter.

    Attributes:
        folder: stands for `ROOT`.
        tool: the virtual environment of the emitter.
        url: of the service, without a slash at its end.
        token: its API token.
    """

    folder: Path
    tool: Path
    url: str
    token: str

    def project(self, source: Path) -> Path:
        """A copy of a project (a folder or a file) that lives in this stage instead of `ROOT`; made once."""
        target = self.folder / source.name
        if target.exists():
            return target
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
        for path in target.rglob("*") if source.is_dir() else [target]:
            if path.is_file():
                path.write_text(path.read_text("utf-8").replace(f"{ROOT}/", f"{self.folder}/"), "utf-8")
        return target

    def run(
        self,
        program: str,
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        codes: tuple[int, ...] = (0,),
    ) -> str:
        """Run a program of the environment with nothing of this process's variables but PATH; its output.

        Args:
            codes: with what it may end.

        Raises:
            AssertionError: it ended with another code, or was killed because it took too long.
        """
        whole = {
            "PATH": f"{self.tool / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "USER": "demo",
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            **{k: v for k, v in os.environ.items() if k == "JAVA_HOME"},
            **(env or {}),
        }
        running = subprocess.Popen(
            [self.tool / "bin" / program, *arguments],
            cwd=cwd or self.folder,
            env=whole,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        try:
            said, _ = running.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            said, _ = running.communicate()
        assert running.returncode in codes, f"{program} ended with {running.returncode}:\n{said[-_LAST:]}"
        return said

    def neutral(self, text: str) -> str:
        """Text of this stage as it reads in `ROOT`."""
        return text.replace(str(self.folder), ROOT)
