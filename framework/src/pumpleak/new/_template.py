"""The template: one folder per version inside this package, and copier to render them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .._errors import PluginError

ANSWERS = ".copier-answers.yml"
#: Stands in an answers file for the place of the template, which differs between machines.
SOURCE = "pumpleak"
#: A released version of the template is never changed: updates start from what it made.
SHIPPED = Path(__file__).with_name("template")


def versions(template: Path) -> list[int]:
    """Return the template's versions, oldest first."""
    return sorted(int(folder.name) for folder in template.iterdir() if folder.name.isdecimal())


def render(folder: Path, target: Path, answers: Mapping[str, object]) -> None:
    """Render one version of the template into a folder that does not exist yet."""
    copier = _copier()
    with _alone():
        copier.run_copy(
            str(folder), target, data=dict(answers), defaults=True, quiet=True, unsafe=False
        )


def update(project: Path, version: int) -> None:
    """Let copier bring a clean git work tree, whose answers name a repository, to a version."""
    copier = _copier()
    with _alone():
        copier.run_update(
            project,
            vcs_ref=str(version),
            defaults=True,
            overwrite=True,
            quiet=True,
            unsafe=False,
            conflict="inline",
        )


def repository(template: Path, where: Path) -> Path:
    """Make a git repository with one tagged commit per version of the template.

    Args:
        template: folder with one folder per version.
        where: a folder to make it in.

    Returns:
        The repository.
    """
    where.mkdir()
    git(where, "init", "--quiet")
    for version in versions(template):
        for old in where.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(template / str(version), where, dirs_exist_ok=True)
        git(where, "add", "--all", "--force")
        git(where, "commit", "--quiet", "--allow-empty", "--message", f"template {version}")
        git(where, "tag", str(version))
    return where


def git(folder: Path, *arguments: str, tree: Path | None = None) -> str:
    """Run git, apart from whatever the user has configured, and return what it prints.

    Args:
        folder: the work tree, or with `tree` the folder that holds only a repository.
        arguments: of git.
        tree: work tree that stands elsewhere.

    Raises:
        PluginError: git is missing or fails.
    """
    program = shutil.which("git")
    if program is None:
        raise PluginError(
            "updating needs the program 'git', which is not installed; install git and try again"
        )
    place = [] if tree is None else [f"--git-dir={folder / '.git'}", f"--work-tree={tree}"]
    done = subprocess.run(
        [program, *place, *arguments],
        cwd=folder if tree is None else tree,
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )
    if done.returncode:
        raise PluginError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Return the environment without settings that would lead git elsewhere, or sign, or hook."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "pumpleak",
        "GIT_AUTHOR_EMAIL": "pumpleak",
        "GIT_COMMITTER_NAME": "pumpleak",
        "GIT_COMMITTER_EMAIL": "pumpleak",
    }


def _copier() -> Any:
    try:
        import copier
    except ImportError as error:
        raise PluginError(
            f"pumpleak new needs copier ({error}); pip install 'pumpleak[new]'"
        ) from error
    return copier


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Run copier apart from the user's git settings, and turn its errors into ours."""
    from copier.errors import CopierError
    from jinja2 import TemplateError
    from plumbum import ProcessExecutionError, local

    before, apart = dict(os.environ), _environment()
    try:
        # plumbum keeps an environment of its own, and not all that copier calls goes through it
        with local.env():
            for place in (os.environ, local.env):
                for name in before.keys() - apart.keys():
                    if name in place:
                        del place[name]
                place.update(apart)
            yield
    except (CopierError, TemplateError, ProcessExecutionError) as error:
        raise PluginError(f"the template could not be rendered: {error}") from error
    finally:
        for name in apart.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
