"""What `headwater check` compares with: a directory, a revision of git, or what the service has."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from catalog.cli.render import clean, count
from catalog.errors import InvalidManifest, InvalidQuestion, UnknownKey

if TYPE_CHECKING:
    from catalog.assets.keys import Key
    from catalog.cli.client import Client
    from catalog.manifest.gate.findings import At
    from catalog.manifest.load import Loaded

SERVER = "server"
GIT_SECONDS = 60
EXPORT = "query Export($manifest: String!) { exportManifest(name: $manifest) }"
CONTRACTS = """
query Contracts($first: Int!, $after: String) {
  entities(kind: CONTRACT, first: $first, after: $after) {
    edges { node { declaredBy { manifest document } } } pageInfo { hasNextPage endCursor }
  }
}
"""
Json = dict[str, Any]


class Side(NamedTuple):
    """One side of a comparison.

    Attributes:
        documents: canonical, by key.
        places: where they stand; none for what the service has.
        name: the manifest's name, if something gives it.
        words: the side as people name it.
        levels: of classification, as the manifest's head states them; empty where it does not.
    """

    documents: Mapping[Key, Mapping[str, Any]]
    places: Mapping[Key, At]
    name: str | None
    words: str
    levels: Sequence[str] = ()


def of_directory(path: str, *, old: bool = False) -> Side:
    """A directory or a file.

    Raises:
        InvalidManifest: something in it cannot be read; all of that is told on standard error.
    """
    top = _git_top(Path(path))
    return _side(_load(path, path), lambda file: _shown(file, top), path, old=old)


def of_revision(path: str, revision: str) -> Side:
    """The same path as it was at a revision; nothing, if it was not there.

    Raises:
        InvalidQuestion: no such revision, or the path is in no repository.
        InvalidManifest: what was there cannot be read.
    """
    top = _git_top(Path(path))
    if top is None:
        raise InvalidQuestion(f"{path} is in no git repository, so there is nothing called {revision!r}; name a folder")
    if revision.startswith("-"):
        raise InvalidQuestion(f"{revision!r} is no revision")
    found = _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found.returncode:
        raise InvalidQuestion(
            f"{revision!r} is neither a folder nor a revision that git knows here; fetch it first (in CI: depth 0)"
        )
    commit = found.stdout.decode().strip()
    inside = Path(path).resolve().relative_to(top).as_posix()
    words = f"{revision} ({commit[:12]})"
    packed = _git(top, "archive", "--format=tar", commit, "--", inside)
    if packed.returncode:  # git has no such path there
        return Side({}, {}, None, words)
    with tempfile.TemporaryDirectory(prefix="headwater-check-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        root = Path(folder)
        there = root / inside
        return _side(
            _load(str(there), f"{path} at {revision}", folder),
            lambda file: Path(file).relative_to(root).as_posix(),
            words,
            old=True,
        )


def of_service(client: Client, manifest: str) -> Side:
    """What the service has of a manifest; nothing, if it was never applied."""
    from catalog.manifest.references import key_of

    try:
        documents: Sequence[Json] = client.graphql(EXPORT, {"manifest": manifest})["exportManifest"]
    except UnknownKey:
        documents = []
    return Side({key_of(one): one for one in documents}, {}, manifest, f"what {client.url} has")


def other_contracts(client: Client, manifest: str) -> dict[Key, Json]:
    """The contracts that other manifests declare: they may cover what this one changes."""
    from catalog.manifest.references import key_of

    nodes, _ = client.collect(CONTRACTS, {}, "entities", None)
    told = [node["declaredBy"] for node in nodes if node["declaredBy"]]
    return {key_of(one["document"]): one["document"] for one in told if one["manifest"] != manifest}


def _load(path: str, words: str, hide: str = "") -> Loaded:
    from catalog.manifest.load import load

    found = load(path)
    if found.problems:
        for problem in found.problems:
            told = str(problem).replace(f"{hide}/", "") if hide else str(problem)
            click.echo(clean(told, 2_000), err=True)
        raise InvalidManifest([f"{count(len(found.problems), 'problem')} in {words}; nothing was compared"])
    return found


def _side(found: Loaded, shown: Any, words: str, *, old: bool) -> Side:
    from catalog.manifest.gate.findings import At

    places = {
        one.key: At(shown(one.place.file), max(1, one.place.line), max(1, one.place.column), old)
        for one in found.documents
    }
    name, levels = (found.manifest.name, found.manifest.classification_levels) if found.manifest else (None, ())
    return Side({one.key: one.body for one in found.documents}, places, name, words, levels)


def _shown(file: str, top: Path | None) -> str:
    """A file as a code host names it: from the top of the repository; without one from here, if it is below."""
    path = Path(file).resolve()
    for above in (top, Path.cwd()):
        if above is not None and path.is_relative_to(above):
            return path.relative_to(above).as_posix()
    return file


def _git_top(path: Path) -> Path | None:
    folder = path if path.is_dir() else path.parent
    try:
        found = _git(folder, "rev-parse", "--show-toplevel")
    except InvalidQuestion:
        return None
    return Path(found.stdout.decode().strip()).resolve() if found.returncode == 0 else None


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except OSError as wrong:
        raise InvalidQuestion(f"git cannot be run ({wrong.strerror}); name a folder to compare with") from wrong
    except subprocess.TimeoutExpired as late:
        raise InvalidQuestion(f"git did not answer within {GIT_SECONDS} seconds") from late
