"""The channel guide, done to the letter: its files, installed as a distribution of their own."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import CHANNEL_GUIDE, blocks, install_guide_plugin


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("pumpleak-hcn")


@pytest.fixture(scope="module")
def installed(work, tmp_path_factory):
    """Return the folder that holds the installed plugin and nothing else."""
    target = tmp_path_factory.mktemp("site")
    install_guide_plugin(work, target)
    return target


def pumpleak(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    before = os.environ.get("PYTHONPATH")
    path = str(installed) if not before else f"{installed}{os.pathsep}{before}"
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "pumpleak", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def physics_lines(source: str) -> int:
    """Count the lines of code that are neither imports nor docstrings."""
    tree = ast.parse(source)
    code: set[int] = set()
    prose: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt | ast.expr):
            continue
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        free = docstring or isinstance(node, ast.Import | ast.ImportFrom)
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        (prose if free else code).update(lines)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    heads = {node.lineno for node in classes}
    written = source.splitlines()
    return sum(1 for number in code - prose - heads if written[number - 1].strip())


def test_a_channel_takes_at_most_fifteen_lines_of_physics():
    """The guide's channel file is eight lines beside imports and docstrings."""
    (source,) = [
        block.text for block in blocks(CHANNEL_GUIDE) if block.title == "src/pumpleak_hcn/hcn.py"
    ]

    count = physics_lines(source)

    assert count == 8
    assert count <= 15


def test_counting_physics_counts_what_it_should():
    """Comments, blanks, imports and docstrings are free; a call over two lines is two."""
    source = (
        '"""Doc."""\nimport math\n\nclass A:\n    """More."""\n\n    x = max(1,\n            2)\n'
    )

    assert 2 == physics_lines(source)


def test_an_installed_channel_is_listed(installed):
    """`pumpleak plugins list` shows the new distribution without being told of it."""
    done = pumpleak(installed, "plugins", "list", "--json")

    assert done.returncode == 0, done.stderr
    found = {plugin["name"]: plugin for plugin in json.loads(done.stdout)["plugins"]}
    assert ("pumpleak-hcn", "0.1.0", "found") == tuple(
        found["hcn"][field] for field in ("distribution", "version", "state")
    )


def test_the_doctor_finds_nothing_wrong_with_it(installed):
    """All that the plugin points at can be imported."""
    done = pumpleak(installed, "plugins", "doctor", "--load")

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_can_use_it_and_the_report_says_who_made_it(installed, work):
    """`pumpleak rest file.toml --json` rests with the channel, and provenance names its plugin."""
    done = pumpleak(installed, "rest", str(work / "with_hcn.toml"), "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert "found" == report["status"]
    assert report["guarantee"].startswith("proved complete")
    (state,) = report["equilibria"]
    assert {"leak", "Ih"} == {part["name"] for part in state["mechanisms"]}
    # HCN pulls the leak's -95.02 mV up
    assert -95 < state["V_mV"] < -60
    assert "pumpleak-hcn" in json.dumps(report["provenance"])


def test_without_it_the_file_says_what_to_install(work):
    """Where the plugin is missing, the message names the distribution to install."""
    done = pumpleak(work, "rest", str(work / "with_hcn.toml"))

    assert done.returncode == 2
    assert "pip install pumpleak-hcn" in done.stderr
    assert "Traceback" not in done.stderr
