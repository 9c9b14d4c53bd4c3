"""Every page of the documentation is run: Python, membrane files, commands and links.

A fence says by its language what it is. Only ``text`` is not run. A block with ``title="name"`` is
written to that file first, so that commands on the page find it. Output that a page shows must be
in the output, line by line; ``...`` stands for what is left out.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import CHANNEL_GUIDE, ROOT, blocks, copy_examples, install_guide_plugin, write_files

import pumpleak as pl
from pumpleak.cli import main
from pumpleak.host import default_host

PAGES = sorted((ROOT / "docs").rglob("*.md")) + [
    path for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md") if path.exists()
]
IDS = [str(path.relative_to(ROOT)) for path in PAGES]
#: What a fence may be; sh is for setting up, and is run by the checks before a change lands.
LANGUAGES = {"python", "pycon", "toml", "console", "json", "sh", "text"}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^(`{3,}).*?^\1[ ]*$", re.M | re.S)
_EXIT = re.compile(r"\(exit code (\d+)\)")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
pages = pytest.mark.parametrize("page", PAGES, ids=IDS)


@pytest.fixture(scope="session")
def guide_plugin(tmp_path_factory):
    target = tmp_path_factory.mktemp("guide-site")
    install_guide_plugin(tmp_path_factory.mktemp("guide-work"), target)
    return target


@pytest.fixture
def here(page, tmp_path, monkeypatch, request):
    """Stand in a folder with the examples and the page's own files, its plugin installed."""
    copy_examples(tmp_path)
    write_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    if page != CHANNEL_GUIDE:
        yield tmp_path
        return
    monkeypatch.syspath_prepend(request.getfixturevalue("guide_plugin"))
    default_host().refresh()
    yield tmp_path
    monkeypatch.undo()
    for name in [name for name in sys.modules if name.partition(".")[0] == "pumpleak_hcn"]:
        del sys.modules[name]
    default_host().refresh()


@pages
def test_every_fence_is_of_a_known_language(page):
    """Nothing escapes for want of a name: only `text` is not run."""
    unknown = [f"line {b.line}: {b.info!r}" for b in blocks(page) if b.language not in LANGUAGES]

    assert [] == unknown


@pages
def test_python_on_the_page_runs(page, here):
    """Python and sessions run in order, in one namespace, and sessions print what is shown."""
    namespace: dict[str, object] = {"__name__": "page"}
    parser, said = doctest.DocTestParser(), []
    for block in blocks(page):
        where = f"{page.name}, line {block.line}"
        if block.language == "python":
            exec(compile(block.text, where, "exec"), namespace)  # noqa: S102 - our own pages
        elif block.language == "pycon":
            test = parser.get_doctest(block.text, namespace, where, page.name, block.line)
            test.globs = namespace
            doctest.DocTestRunner(optionflags=_FLAGS, verbose=False).run(
                test, out=said.append, clear_globs=False
            )

    assert [] == said, "".join(said)


@pages
def test_membrane_files_on_the_page_rest(page, here):
    """Every TOML block parses; a membrane rests, and one that is shown as wrong is refused."""
    for block in blocks(page):
        if block.language != "toml":
            continue
        given = tomllib.loads(block.text)
        if "population" in given:
            assert pl.load_population(block.title).size > 0
        elif block.expects_error:
            with pytest.raises(pl.FileError):
                pl.loads(block.text)
        elif "membrane" in given:
            found = pl.rest(pl.loads(block.text, path=block.title), prove=True)
            assert "found" == found.status, f"line {block.line}: {found.message}"


@pages
def test_json_on_the_page_is_json(page):
    """Every JSON block parses."""
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.text)


@pages
def test_commands_on_the_page_do_what_is_shown(page, here):
    """Every `$ pumpleak ...` ends with the exit code shown, and prints what is shown."""
    for block in blocks(page):
        if block.language != "console":
            continue
        for command, shown in commands(block.text):
            code, output = run(command)
            what = f"line {block.line}: {command}\n{output}"
            expected = expected_code(shown)
            assert code != 0 if expected is None else expected == code, what
            missing = not_printed(shown, output)
            assert missing is None, f"{what}\nnot printed: {missing!r}"


@pages
def test_links_on_the_page_lead_somewhere(page):
    """Every relative link names a file that exists, and every anchor a heading on it."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert [] == broken


def test_every_page_can_be_reached_from_the_index():
    """Following links from docs/index.md leads to every page under docs."""
    docs = ROOT / "docs"
    seen, ahead = set(), [docs / "index.md"]
    while ahead:
        page = ahead.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_relative_to(docs) and target.exists():
                ahead.append(target)

    assert set(docs.rglob("*.md")) == seen


@pytest.mark.parametrize(
    ("shown", "output", "missing"),
    [
        (["a   b"], "x\na b\n", None),
        (["a", "c"], "c\na\n", "c"),
        (["one ... three"], "one two three\n", None),
        (["one ... four"], "one two three\n", "one ... four"),
        (["-67.6 ..."], "-67.6 mV\n", None),
        (["-67.6 ..."], "at -67.6 mV\n", "-67.6 ..."),
        (["...", "end"], "start\nend\n", None),
        (["67.6"], "67.63\n", "67.6"),
    ],
)
def test_what_is_not_printed_is_noticed(shown, output, missing):
    """Lines are compared whole, in order, and white space does not matter."""
    assert missing == not_printed(shown, output)


def commands(text: str) -> list[tuple[str, list[str]]]:
    """Return each `$ pumpleak` command of a console block with the lines shown under it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [item for item in found if re.match(r"(\w+=\S+ )*pumpleak\b", item[0])]


def run(command: str) -> tuple[int, str]:
    """Run a command of pumpleak; one with an environment of its own runs in its own process."""
    words = shlex.split(command)
    given = dict(word.split("=", 1) for word in words[: words.index("pumpleak")])
    arguments = words[words.index("pumpleak") + 1 :]
    if not given:
        done = CliRunner().invoke(main, arguments, prog_name="pumpleak")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output
    ended = subprocess.run(
        [sys.executable, "-m", "pumpleak", *arguments],
        env={**os.environ, **given, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def expected_code(shown: list[str]) -> int | None:
    """Return the exit code that the lines shown speak of; None is any but 0."""
    for line in shown:
        match = _EXIT.fullmatch(line.strip())
        if match:
            return int(match[1])
    wrong = any(line.startswith(("Error:", "Usage:", "PROBLEM")) for line in shown)
    return None if wrong else 0


def not_printed(shown: list[str], output: str) -> str | None:
    """Return the first line shown that the output lacks after the one before; None if none."""
    printed = [" ".join(line.split()) for line in output.splitlines()]
    at = 0
    for line in shown:
        wanted = " ".join(line.split())
        if wanted in ("", "...") or _EXIT.fullmatch(wanted):
            continue
        pattern = ".*".join(map(re.escape, re.split(r" ?\.\.\. ?", wanted)))
        hits = [i for i in range(at, len(printed)) if re.fullmatch(pattern, printed[i])]
        if not hits:
            return line
        at = hits[0] + 1
    return None


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
