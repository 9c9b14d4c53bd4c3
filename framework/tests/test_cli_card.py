"""``pumpleak card``: export, show, check."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from carding import FULL, LEAK
from click.testing import CliRunner, Result

import pumpleak as pl
from pumpleak.cards import loads_card
from pumpleak.cli import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with two cards."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leak.card.toml").write_text(LEAK, encoding="utf-8")
    (tmp_path / "full.card.toml").write_text(FULL, encoding="utf-8")
    return tmp_path


def said(*arguments: str) -> Result:
    """Run the command line; nothing may come out as a traceback."""
    done = CliRunner().invoke(main, ["card", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_show_says_who_parameters_and_equations(here: Path) -> None:
    """With sources and uncertainty."""
    done = said("show", "leak.card.toml")

    assert 0 == done.exit_code
    for text in ("lab-a.leak 1.0.0", "A. Author", "CC-BY-4.0", "V_half", "2.5", "assumed",
                 "z_g * (V - V_half) / VT", "-120 mV .. 60 mV"):  # fmt: skip
        assert text in done.stdout
    full = said("show", "full.card.toml").stdout
    assert "permeation.reference" in full
    assert "schemes.gate.rates.C -> O1" in full


def test_show_prints_json(here: Path) -> None:
    """The whole card, and its hash."""
    data = json.loads(said("show", "leak.card.toml", "--json").stdout)

    assert tomllib.loads(LEAK)["parameters"] == data["parameters"]
    assert loads_card(LEAK).sha256 == data["sha256"]


def test_check_runs_the_kit_and_the_reference_points(here: Path) -> None:
    """Exit code 0 for a sound card, 1 for a wrong reference point, 2 for what cannot be read."""
    done = said("check", "leak.card.toml")
    assert 0 == done.exit_code, done.output
    assert "1 reference point." in done.stdout
    assert "lab-a.leak (channel): ok" in done.stdout

    wrong = here / "wrong.card.toml"
    wrong.write_text(LEAK.replace("-200 pA", "-210 pA"), encoding="utf-8")
    done = said("check", "wrong.card.toml")
    assert 1 == done.exit_code
    assert "210" in done.stdout

    wrong.write_text(LEAK.replace("exp(-u)", "exp(-w)"), encoding="utf-8")
    done = said("check", "wrong.card.toml")
    assert 2 == done.exit_code
    assert "physics.open_probability: 'w' is no parameter" in done.stderr


def test_check_sees_a_term_that_does_not_match(here: Path) -> None:
    """Dimensions are checked as in Python."""
    wrong = here / "wrong.card.toml"
    wrong.write_text(LEAK.replace("(V - V_half) / VT", "(V - V_half) * VT"), encoding="utf-8")
    done = said("check", "wrong.card.toml")

    assert 1 == done.exit_code
    assert "pure number" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "none.card.toml"), "no such file"),
        (("show", "."), "is no file"),
        (("check", "none.card.toml"), "no such file"),
        (("export", "k2p.TREK9"), "TREK9"),
        (("export", "nonsense"), "ids look like 'plugin.thing'"),
        (("export", "x.y", "--out", "x.toml"), "ends in .card.toml"),
        (("export", "leek", "--from", "one.toml"), "did you mean 'leak'"),
    ],
)
def test_wrong_input_gets_a_message_and_exit_code_2(
    here: Path, arguments: tuple[str, ...], message: str
) -> None:
    """No traceback."""
    one = ('[membrane]\ntemperature = "22 degC"\narea = "1000 um^2"\n[inside]\nK = "9 mM"\n'
           '[outside]\nK = "5 mM"\n[[mechanism]]\nuse = "lab-a.leak"\n'
           'density = "1 /um^2"\n')  # fmt: skip
    (here / "one.toml").write_text(one, encoding="utf-8")
    (here / "cards").mkdir()
    (here / "cards" / "leak.card.toml").write_text(LEAK, encoding="utf-8")
    done = said(*arguments)

    assert 2 == done.exit_code
    assert message in done.stderr


def test_export_prints_or_writes_a_card_that_can_be_read(here: Path) -> None:
    """Whole, not over a file that is there, with what was given in place of the plugin's."""
    pl.host.default_host().refresh()
    printed = said("export", "k2p.TREK1")
    assert 0 == printed.exit_code, printed.output
    assert "k2p-card.TREK1" == loads_card(printed.stdout).id
    options = ("--id", "lab-b.trek", "--version", "3.1", "--license", "MIT", "--author", "B. B.")
    done = said("export", "k2p.TREK1", "--out", "t.card.toml", *options)
    assert 0 == done.exit_code, done.output
    card = pl.load_card("t.card.toml")
    assert ("lab-b.trek", "3.1", "MIT") == (card.id, card.version, card.license)
    assert "B. B." == card.authors[0].name

    again = said("export", "k2p.TREK1", "--out", "t.card.toml")
    assert 2 == again.exit_code
    assert "--force" in again.stderr
    assert 0 == said("export", "k2p.TREK1", "--out", "t.card.toml", "--force").exit_code
    assert ["full.card.toml", "leak.card.toml", "t.card.toml"] == sorted(
        path.name for path in here.glob("*.toml")
    )


def test_a_card_is_shown_and_checked_by_its_id_like_a_plugins_mechanism(here: Path) -> None:
    """By `plugins show` and `check`, from the folder `cards`; one that clashes says so."""
    folder = here / "cards"
    folder.mkdir()
    (folder / "leak.card.toml").write_text(LEAK, encoding="utf-8")
    shown = CliRunner().invoke(main, ["plugins", "show", "lab-a.leak"])
    checked = CliRunner().invoke(main, ["check", "lab-a.leak"])

    assert "lab-a.leak 1.0.0" in shown.stdout
    assert "lab-a.leak (channel): ok" in checked.stdout
    (folder / "twin.card.toml").write_text(LEAK.replace("1.0.0", "2.0"), encoding="utf-8")
    for command in (["plugins", "show", "lab-a.leak"], ["check", "lab-a.leak"]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code in (1, 2)
        assert "which is meant cannot be guessed" in done.stderr


def test_plugins_list_and_doctor_tell_of_cards(here: Path) -> None:
    """With state and origin; a broken one is a problem with its reason."""
    folder = here / "cards"
    folder.mkdir()
    (folder / "leak.card.toml").write_text(LEAK, encoding="utf-8")
    (folder / "bad.card.toml").write_text("x = 1\n", encoding="utf-8")
    late = LEAK.replace("lab-a.leak", "lab-a.late").replace("exp(-u)", "exp(-w)")
    (folder / "late.card.toml").write_text(late, encoding="utf-8")
    listed = CliRunner().invoke(main, ["plugins", "list"]).stdout
    assert "lab-a.leak" in listed
    assert "cards/ beside the membrane file" in listed
    assert "[failed]" in listed

    quick = CliRunner().invoke(main, ["plugins", "doctor"])
    assert 1 == quick.exit_code
    assert "does not begin with the table [card]" in " ".join(quick.stdout.split())
    assert "'w' is no parameter" not in quick.stdout
    loaded = CliRunner().invoke(main, ["plugins", "doctor", "--load"])
    assert "'w' is no parameter" in " ".join(loaded.stdout.split())
