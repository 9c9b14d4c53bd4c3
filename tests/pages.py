"""The pages of the documentation, taken apart into what can be run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
CHANNEL_GUIDE = ROOT / "docs" / "guide" / "write-a-channel.md"
_FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)[ ]*$", re.M | re.S
)
_TITLE = re.compile(r'\btitle="([^"]+)"')


@attrs.frozen(kw_only=True)
class Block:
    """A fenced block.

    Args:
        language: first word of the info string.
        info: the whole info string.
        text: what stands between the fences.
        line: of the opening fence, from 1.
    """

    language: str
    info: str
    text: str
    line: int

    @property
    def title(self) -> str | None:
        """The name of the file that the block is, if it is one."""
        match = _TITLE.search(self.info)
        return match[1] if match else None

    @property
    def expects_error(self) -> bool:
        """Whether the page says that the block is wrong."""
        return 'expect="error"' in self.info


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        info = match["info"].strip()
        found.append(
            Block(
                language=info.partition(" ")[0],
                info=info,
                text=match["text"],
                line=text.count("\n", 0, match.start()) + 1,
            )
        )
    return found


def write_files(page: Path, folder: Path) -> list[Path]:
    """Write every titled block of a page under a folder; return what was written."""
    written = []
    for block in blocks(page):
        if block.title is not None:
            path = folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            written.append(path)
    return written


def copy_examples(folder: Path) -> None:
    """Copy the examples into a folder, and to where the README finds them."""
    for place in (folder, folder / "docs" / "examples"):
        place.mkdir(parents=True, exist_ok=True)
        for example in EXAMPLES.glob("*.toml"):
            shutil.copy(example, place / example.name)
        shutil.copytree(EXAMPLES / "cards", place / "cards", dirs_exist_ok=True)


def install_guide_plugin(work: Path, target: Path) -> None:
    """Build and install the plugin that the channel guide makes, without network.

    Args:
        work: an empty folder to write the distribution into.
        target: where it is installed.
    """
    write_files(CHANNEL_GUIDE, work)
    (work / "src" / "pumpleak_hcn" / "__init__.py").touch()
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    done = subprocess.run(
        [*command, *options, str(work)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
