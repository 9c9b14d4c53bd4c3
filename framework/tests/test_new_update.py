"""``pumpleak.new.update``: the template moves on, and what the author wrote stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pumpleak import PluginError
from pumpleak.cli import main
from pumpleak.new import _template, _update, make, update

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None, reason="copier updates through git, which is not installed"
)


@pytest.fixture(scope="module")
def templates(tmp_path_factory) -> Path:
    """Return a template with the first version as shipped and a second one that moved on."""
    place = tmp_path_factory.mktemp("templates")
    shutil.copytree(_template.SHIPPED / "1", place / "1")
    shutil.copytree(_template.SHIPPED / "1", place / "2")
    skeleton = place / "2" / "skeleton"
    edit(place / "2" / "copier.yml", 'default: "1"', 'default: "2"')
    edit(skeleton / "README.md.jinja", "## Licence", "## News\n\nFrom version 2.\n\n## Licence")
    edit(skeleton / "pyproject.toml.jinja", '"pytest>=8"', '"pytest>=9"')
    edit(place / "2" / "kinds" / "channel" / "physics.py.jinja", '"10 pS"', '"11 pS"')
    edit(place / "2" / "kinds" / "channel" / "physics.py.jinja", "(-10, 10)", "(-8, 8)")
    (skeleton / "docs").mkdir()
    (skeleton / "docs" / "checklist.md.jinja").write_text(
        "- {{ distribution }} cites its sources\n"
    )
    (skeleton / "CITATION.cff.jinja").unlink()
    return place


@pytest.fixture
def made(templates, tmp_path) -> Path:
    """Return a channel made from the first version alone."""
    old = tmp_path / "old"
    shutil.copytree(templates / "1", old / "1")
    folder = make("channel", "fresh", into=tmp_path, template=old, author="Ada Lovelace")
    shutil.rmtree(old)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_update_brings_the_new_and_keeps_the_authors_edits(templates, made):
    """Each side's changes stand together, in the same file too."""
    physics = made / "src" / "pumpleak_fresh" / "fresh.py"
    edit(physics, "return 1 / (1 +", "return 0.1 + 0.9 / (1 +")
    edit(made / "README.md", "# pumpleak-fresh\n", "# pumpleak-fresh\n\nMy own words.\n")
    (made / "src" / "pumpleak_fresh" / "extra.py").write_text('"""Mine."""\n')
    (made / ".github" / "workflows" / "test.yml").unlink()

    done = update(made, template=templates)

    after = contents(made)
    assert (1, 2) == (done.before, done.after)
    assert () == done.conflicts
    assert "return 0.1 + 0.9 / (1 +" in after["src/pumpleak_fresh/fresh.py"]
    assert "bounds=(-8, 8)" in after["src/pumpleak_fresh/fresh.py"]
    assert "My own words." in after["README.md"]
    assert "From version 2." in after["README.md"]
    assert '"pytest>=9"' in after["pyproject.toml"]
    assert "- pumpleak-fresh cites its sources\n" == after["docs/checklist.md"]
    assert '"""Mine."""\n' == after["src/pumpleak_fresh/extra.py"]
    assert ("CITATION.cff",) == done.removed
    assert "CITATION.cff" not in after
    # what the author threw away stays away
    assert ".github/workflows/test.yml" not in after
    assert '_commit: "2"' in after[".copier-answers.yml"]
    assert "_src_path: pumpleak\n" in after[".copier-answers.yml"]
    assert "Ada Lovelace" in after["LICENSE"]


def test_an_update_is_as_if_made_anew(templates, made, tmp_path):
    """Without edits of the author's, an updated folder equals one made from the new version."""
    update(made, template=templates)
    (tmp_path / "anew").mkdir()

    anew = make(
        "channel", "fresh", into=tmp_path / "anew", template=templates, author="Ada Lovelace"
    )

    assert contents(anew) == contents(made)


def test_a_second_update_changes_nothing(templates, made):
    """Once up to date, there is nothing to do."""
    update(made, template=templates)
    before = contents(made)

    done = update(made, template=templates)

    assert (2, 2, ()) == (done.before, done.after, done.written)
    assert before == contents(made)


def test_lines_that_both_changed_stand_side_by_side(templates, made, monkeypatch):
    """A conflict is named, shown between markers, and ends with exit code 1."""
    physics = made / "src" / "pumpleak_fresh" / "fresh.py"
    edit(physics, '"10 pS"', '"12 pS"')
    monkeypatch.setattr(_template, "SHIPPED", templates)

    done = CliRunner().invoke(main, ["new", "--update", str(made)], prog_name="pumpleak")

    assert done.exit_code == 1
    assert "CONFLICT  src/pumpleak_fresh/fresh.py" in done.output
    text = physics.read_text(encoding="utf-8")
    assert '"12 pS"' in text
    assert '"11 pS"' in text
    assert "<<<<<<< before updating" in text


def test_an_update_works_in_a_repository_with_settings_of_its_own(templates, made, monkeypatch):
    """The author's history, uncommitted changes and git settings are left alone."""
    _template.git(made, "init", "--quiet")
    _template.git(made, "add", "--all")
    _template.git(made, "commit", "--quiet", "--message", "mine")
    head = _template.git(made, "rev-parse", "HEAD")
    edit(made / "README.md", "# pumpleak-fresh\n", "# pumpleak-fresh\n\nNot committed.\n")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "nonsense")

    update(made, template=templates)

    assert head == _template.git(made, "rev-parse", "HEAD")
    assert "Not committed." in (made / "README.md").read_text(encoding="utf-8")
    assert "From version 2." in (made / "README.md").read_text(encoding="utf-8")


def test_what_the_author_does_not_track_is_left_alone(templates, made):
    """An environment or a build beside the sources is neither read nor touched."""
    (made / ".venv").mkdir()
    (made / ".venv" / "huge").write_bytes(b"\0" * 1000)

    update(made, template=templates)

    assert b"\0" * 1000 == (made / ".venv" / "huge").read_bytes()


def test_an_update_cut_off_in_between_can_be_done_again(templates, made, monkeypatch):
    """The answers file is written last, so the second attempt ends where the first would have."""
    real, written = _update.written_whole, []

    def failing(path):
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(_update, "written_whole", failing)
        with pytest.raises(OSError, match="No space left"):
            update(made, template=templates)
    assert '_commit: "1"' in (made / ".copier-answers.yml").read_text(encoding="utf-8")

    done = update(made, template=templates)

    assert () == done.conflicts
    after = contents(made)
    assert "bounds=(-8, 8)" in after["src/pumpleak_fresh/fresh.py"]
    assert 1 == after["README.md"].count("From version 2.")


# copier leaves its walk through the folder open when a file fails
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_update_does_not_write_through_a_link(templates, made, tmp_path):
    """A link that leads out of the distribution is refused before anything is written."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (made / "docs").symlink_to(outside)
    before = contents(made)

    with pytest.raises(PluginError, match="forbidden"):
        update(made, template=templates)

    assert [] == list(outside.iterdir())
    assert before == contents(made)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (None, "did not make it"),
        ("", "is not as 'pumpleak new' wrote it"),
        ("[1, 2", "is not as 'pumpleak new' wrote it"),
        ("_src_path: elsewhere\n_commit: '1'\n", "is not as 'pumpleak new' wrote it"),
        ("_src_path: pumpleak\n_commit: main\n", "is not as 'pumpleak new' wrote it"),
        ("_src_path: pumpleak\n_commit: '99'\n", "update pumpleak first"),
        ("_src_path: pumpleak\n_commit: '0'\n", "not known here"),
        ("!!python/object/apply:os.system ['true']", "is not as 'pumpleak new' wrote it"),
    ],
)
def test_a_folder_that_it_did_not_make_is_refused(answers, said, made):
    """A missing or altered answers file is told in words, and nothing is changed."""
    place = made / ".copier-answers.yml"
    place.unlink()
    if answers is not None:
        place.write_text(answers)
    before = contents(made)

    done = CliRunner().invoke(main, ["new", "--update", str(made)], prog_name="pumpleak")

    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert before == contents(made)


def test_without_git_it_says_what_to_install(templates, made, monkeypatch):
    """Only an update needs git, and it says so."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(PluginError, match="needs the program 'git'"):
        update(made, template=templates)


def test_the_shipped_versions_number_themselves():
    """The folder's number is the one that the version writes into answers files."""
    for version in _template.versions(_template.SHIPPED):
        text = (_template.SHIPPED / str(version) / "copier.yml").read_text(encoding="utf-8")

        assert f'default: "{version}"' in text
