"""The examples for CI systems: they can be read, and every option of the command that they use exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.cli.check import check

CI = Path(__file__).parents[2] / "deploy" / "ci"
FILES = {path.parent.name: path for path in sorted(CI.glob("*/*"))}


def commands(text: str) -> list[list[str]]:
    """The calls of `headwater check`, as a shell would split them."""
    joined = re.sub(r"\\\n\s*|(?<=\")\n\s+(?=--)", " ", text)
    return [shlex.split(found) for found in re.findall(r"headwater (check manifests [^\n]*)", joined)]


def test_there_is_one_for_each_system() -> None:
    """GitHub, GitLab and Jenkins have an example each; another one has to be added to these tests, too."""
    assert {"github", "gitlab", "jenkins"} == set(FILES)


@pytest.mark.parametrize("system", sorted(FILES))
def test_the_command_of_each_example_is_one(system: str) -> None:
    """Options that are renamed are renamed here, too; the reports are those that the system reads."""
    (command,) = commands(FILES[system].read_text())
    context = check.make_context("check", [*command[1:1], str(CI), *command[2:]])

    assert context.params["against"].startswith("origin/") or "$BASE" == context.params["against"]
    assert {"github": ["sarif", "markdown"]}.get(system, ["junit", "markdown"]) == [
        form for form, _ in context.params["reports"]
    ]


def test_the_files_of_github_and_gitlab_are_yaml_with_a_job() -> None:
    """A workflow has steps that run, a GitLab job has a script and keeps its report."""
    workflow: dict[Any, Any] = yaml.safe_load(FILES["github"].read_text())
    gitlab = yaml.safe_load(FILES["gitlab"].read_text())["headwater-check"]
    steps = workflow["jobs"]["check"]["steps"]

    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert "pull_request" in workflow[True]  # YAML 1.1 takes the word `on` for a truth value; GitHub does not
    assert ({"junit": "check.xml"}, "always") == (gitlab["artifacts"]["reports"], gitlab["artifacts"]["when"])


def test_the_jenkinsfile_is_balanced() -> None:
    """No parser of Groovy is at hand: braces and quotes close, and the report is kept whatever happens."""
    text = re.sub(r"^\s*//.*$", "", FILES["jenkins"].read_text(), flags=re.MULTILINE)
    bare = re.sub(r"'''.*?'''|'[^'\n]*'", "", text, flags=re.DOTALL)

    assert bare.count("{") == bare.count("}") and bare.count("(") == bare.count(")") and "'" not in bare
    assert ["pipeline", "stages", "steps", "post"] == re.findall(r"^\s*(pipeline|stages|steps|post) \{", bare, re.M)
