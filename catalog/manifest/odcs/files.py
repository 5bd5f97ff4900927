"""ODCS documents as files: read with every fault told, written so that any YAML reader sees the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from catalog.manifest.documents.shape import resolve
from catalog.manifest.files import read_pieces
from catalog.manifest.nodes import Fault
from catalog.manifest.odcs.parts import Json
from catalog.manifest.odcs.reading import NoContract, Read, read_contract
from catalog.manifest.problems import Problem


class _Dumper(yaml.CSafeDumper):
    """Without anchors; dates and words like `no` are quoted, since readers of YAML 1.1 take them for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def read_file(path: Path) -> tuple[list[Read], list[Problem]]:
    """The contracts of a YAML or JSON file, and what is wrong with it."""
    faults: list[Fault] = []
    found, problems = [], []
    for piece in read_pieces(path, faults):
        try:
            found.append(read_contract(resolve(piece.value)))
        except (NoContract, ValueError) as wrong:
            problems.append(Problem(str(path), *piece.place, str(wrong)))
    problems += [fault.problem(str(path)) for fault in faults]
    if not found and not problems:
        problems.append(Problem(str(path), 0, 0, "the file holds no contract"))
    return found, problems


def as_yaml(document: Json) -> str:
    """An ODCS document as YAML, its keys in their order."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return str(text)
