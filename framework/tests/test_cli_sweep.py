"""``pumpleak sweep``: what it prints, its exit codes, its progress."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sweeping import CHUNK, Brittle, brittle

from pumpleak.cli import main
from pumpleak.sweep import _progress, run

pytest.importorskip("zarr")
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TEXT = """
[population]
membrane = "reference_a.toml"
members = 9000
seed = 1
[population.vary]
outside.K = { distribution = "uniform", low = "2 mM", high = "9 mM" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "reference_a.toml").write_text((EXAMPLES / "reference_a.toml").read_text())
    (tmp_path / "p.toml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "p.toml"


def invoke(*arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(main, ["sweep", *arguments], prog_name="pumpleak")
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.stdout, found.stderr


@pytest.mark.usefixtures("file")
def test_a_sweep_says_what_came_of_it_and_a_second_that_all_is_done() -> None:
    """Counts by status and kind, and how to open it."""
    given = ("p.toml", "--out", "p.zarr", "--workers", "0", "--chunk", str(CHUNK))
    code, said, _ = invoke(*given)

    assert code == 0
    assert "p.zarr: 9,000 members in 3 chunks, complete after" in said
    assert "status: found 9,000" in said
    assert "kind: stable 9,000" in said
    assert "xarray.open_zarr('p.zarr')" in said
    assert "complete already" in invoke(*given)[1]
    code, said, _ = invoke("--status", "p.zarr")
    assert code == 0
    assert "chunks: 3 of 3 finished, 0 failed" in said
    assert "varied: outside.K; mode clamped, seed 1" in said


@pytest.mark.usefixtures("file")
def test_members_and_seed_can_be_given_instead_of_the_files() -> None:
    """And are part of what the sweep is."""
    given = ("p.toml", "--out", "p.zarr", "--workers", "0", "--members", "50", "--seed", "7")
    assert "50 members in 1 chunk," in invoke(*given)[1]
    code, _, said = invoke("p.toml", "--out", "p.zarr")

    assert code == 2
    assert "the seed was 7, now 1" in said
    assert "the number of members was 50, now 9000" in said


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((), "give FILE and --out PATH, or --status OUT"),
        (("p.toml",), "give FILE and --out PATH"),
        (("p.toml", "--out", "p.zarr", "--workers", "1", "--scheduler", "tcp://x:1"), "--workers"),
        (("absent.toml", "--out", "p.zarr"), "absent.toml: no such file"),
        (("reference_a.toml", "--out", "p.zarr"), "population: missing"),
        (("p.toml", "--out", "p.zarr", "--chunk", "7"), "multiple of 4096"),
        (("p.toml", "--out", "p.zarr", "--members", "0"), "Invalid value for '--members'"),
        (("--status", "absent.zarr"), "no sweep has been here"),
        (("--status", "p.toml"), "no sweep has been here"),
        (("/dev/zero", "--out", "p.zarr"), "/dev/zero: is no regular file"),
        (("p.toml", "--out", "nope/p.zarr", "--workers", "0"), "nope: no such folder"),
        (("p.toml", "--out", "p.toml/p.zarr", "--workers", "0"), "no such folder"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(given: tuple[str, ...], says: str) -> None:
    """Exit code 2, no traceback."""
    code, _, said = invoke(*given)

    assert code == 2
    assert any(part in said for part in says.split("|")), said


def test_chunks_that_failed_are_told_and_the_exit_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With member, values and reason; so does the status."""
    flag = tmp_path / "flag"
    flag.touch()
    Brittle.flag = str(flag)
    monkeypatch.setattr("pumpleak.sweep._plan.GRAIN", 1)
    monkeypatch.setattr("pumpleak.sweep._run._population", lambda *_: brittle(3))
    monkeypatch.chdir(tmp_path)
    code, said, wrong = invoke("x.toml", "--out", "b.zarr", "--workers", "0", "--chunk", "2")

    assert code == 1
    assert "3 members in 2 chunks" in said
    assert "complete" not in said
    for text in (wrong, invoke("--status", "b.zarr")[1]):
        assert "chunk 1 (members 2 to 3), first at member 2 (outside.K 10 mM)" in text
        assert "no data above 9.99 mM" in text
    assert "the same command tries them again" in wrong


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("missing", ["zarr", "distributed", "dask"])
def test_what_is_not_installed_is_said_in_words(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to install."""
    monkeypatch.setitem(sys.modules, missing, None)
    code, _, said = invoke("p.toml", "--out", "p.zarr")

    assert code == 2
    assert missing in said
    assert 'pip install "pumpleak[scale]"' in said


def test_help_imports_no_physics() -> None:
    """Nor Dask, nor Zarr."""
    code = (
        "import sys; from pumpleak.cli import main\n"
        "try: main(['sweep', '--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'sympy', 'zarr', 'distributed') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_progress_is_lines_without_a_terminal_and_a_bar_on_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both tell members done and their rate."""
    monkeypatch.setattr(_progress, "_EVERY_S", 0.0)
    monkeypatch.setattr(sys, "stderr", plain := io.StringIO())
    with _progress.progress(100, 20) as advance:
        advance(30)
        advance(50)
    monkeypatch.setattr(sys, "stderr", screen := io.StringIO())
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with _progress.progress(1000, 20) as advance:
        advance(980)

    first, *_, last = plain.getvalue().splitlines()
    assert first.startswith("50 of 100 members (50.0%), ")
    assert first.endswith(" left")
    assert last.startswith("100 of 100 members (100.0%), ")
    assert "1,000 of 1,000 members" in screen.getvalue()


@pytest.mark.usefixtures("file")
def test_a_scheduler_by_address_gives_the_same_bits(tmp_path: Path) -> None:
    """Workers of a cluster that was there already."""
    distributed = pytest.importorskip("distributed")
    from sweeping import bits

    run("p.toml", "one.zarr", workers=0, chunk=CHUNK)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        code, _, _ = invoke("p.toml", "--out", "two.zarr", "--chunk", str(CHUNK),
                            "--scheduler", cluster.scheduler_address)  # fmt: skip

    assert code == 0
    assert bits(tmp_path / "one.zarr") == bits(tmp_path / "two.zarr")
