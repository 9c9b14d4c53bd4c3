"""Cards in the host: found in folders, used by id in membrane files, refused where they clash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from carding import LEAK

import pumpleak as pl
from pumpleak.host import Host, default_host

MEMBRANE = """\
[membrane]
name = "one leak"
temperature = "22 degC"
area = "1000 um^2"
[inside]
K = "140 mM"
[outside]
K = "5 mM"
[[mechanism]]
use = "lab-a.leak"
density = "1 /um^2"
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No card but those that a test makes."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PUMPLEAK_CARDS", raising=False)


def put(folder: Path, text: str = LEAK, name: str = "leak") -> Path:
    """Write a card into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.card.toml"
    path.write_text(text, encoding="utf-8")
    return path


def file_in(folder: Path) -> Path:
    """Write the membrane file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "membrane.toml"
    path.write_text(MEMBRANE, encoding="utf-8")
    return path


def states(host: Host, beside: Path | None = None) -> dict[str, str]:
    """Return name and state of each card."""
    return {Path(card.path).name: card.state for card in host.cards(beside)}


def test_a_membrane_file_uses_a_card_by_id_from_three_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the file, in PUMPLEAK_CARDS, in the user's own folder."""
    file = file_in(tmp_path / "work")
    with pytest.raises(pl.FileError, match=r"mechanism\[0\]\.use: lab-a\.leak: plugin 'lab-a'"):
        pl.load(file)
    origins = []
    for place in ("work/cards", "listed", "data/pumpleak/cards"):
        path = put(tmp_path / place)
        monkeypatch.setenv("PUMPLEAK_CARDS", str(tmp_path / "listed"))
        (card,) = default_host().cards(file.parent)
        origins.append(card.origin)
        (mechanism,) = pl.load(file).mechanisms
        assert "lab-a.leak" == default_host().id_of(mechanism)
        assert str(path) == type(mechanism).card.path  # type: ignore[attr-defined]
        path.unlink()

    assert ["cards/ beside the membrane file", "PUMPLEAK_CARDS", "your card folder"] == origins


def test_a_membrane_with_a_card_is_saved_and_read_again(tmp_path: Path) -> None:
    """Under the card's id, like any mechanism."""
    put(tmp_path / "cards")
    membrane = pl.load(file_in(tmp_path))
    pl.save(membrane, tmp_path / "again.toml")

    assert 'use = "lab-a.leak"' in (tmp_path / "again.toml").read_text(encoding="utf-8")
    again = pl.load(tmp_path / "again.toml")
    assert pl.rest(membrane).states[0].V_mV == pl.rest(again).states[0].V_mV


def test_results_record_the_card_by_id_version_and_hash(tmp_path: Path) -> None:
    """In the report's versions and in JSON."""
    put(tmp_path / "cards")
    found = pl.rest(pl.load(file_in(tmp_path)))
    sha256 = pl.loads_card(LEAK).sha256
    told = found.to_dict()["provenance"]

    assert [
        {"id": "lab-a.leak", "version": "1.0.0", "sha256": sha256, "supplied": ["leak"]}
    ] == told["cards"]
    assert [] == told["unregistered"]
    assert f"card lab-a.leak 1.0.0 (sha256 {sha256})" in " ".join(str(found).split())


def test_two_cards_of_one_id_are_both_refused(tmp_path: Path) -> None:
    """Neither is guessed; two files with the same bytes are one card."""
    first = put(tmp_path / "cards")
    same = put(tmp_path / "data/pumpleak/cards")
    file = file_in(tmp_path)

    assert {"leak.card.toml": "found"} == states(default_host(), tmp_path)
    same.write_text(LEAK.replace("1.0.0", "1.0.1"), encoding="utf-8")
    found = default_host().cards(tmp_path)

    assert ["conflict", "conflict"] == [card.state for card in found]
    for card in found:
        assert str(first) in card.reason
        assert str(same) in card.reason
    with pytest.raises(pl.FileError, match="which is meant cannot be guessed, so none is used"):
        pl.load(file)


def test_a_card_in_a_plugins_namespace_is_a_conflict_and_refuses_that_name(
    tmp_path: Path,
) -> None:
    """The card and the plugin's thing of this name are both refused; its other things are not."""
    host = default_host()
    names = [name for name in host.records("mechanisms")]
    if not names:
        pytest.skip("no plugin with a mechanism is installed")
    taken, other = names[0], names[1]
    put(tmp_path / "cards", LEAK.replace("lab-a.leak", taken))

    (card,) = host.cards(tmp_path)
    assert "conflict" == card.state
    with pytest.raises(pl.PluginError, match="has the namespace of plugin"):
        host.make("mechanisms", taken, beside=tmp_path)
    assert host.make("mechanisms", taken)
    assert host.make("mechanisms", other, beside=tmp_path)


def test_a_card_that_is_switched_off_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its id or its namespace, as a plugin is; and it no longer clashes."""
    put(tmp_path / "cards")
    for name in ("lab-a.leak", "lab-a"):
        host = Host(deny=[name])
        assert {"leak.card.toml": "disabled"} == states(host, tmp_path)
        with pytest.raises(pl.PluginError, match="lab-a"):
            host.make("mechanisms", "lab-a.leak", beside=tmp_path)
    put(tmp_path / "data/pumpleak/cards")
    assert not [note for note in Host(deny=["lab-a"]).notes() if "lab-a" in note]


def test_a_broken_card_breaks_nobody_else(tmp_path: Path) -> None:
    """Whatever stands in the folder, the good card is used and plugins are listed."""
    folder = tmp_path / "cards"
    put(folder)
    put(folder, "not TOML [", "toml")
    put(folder, LEAK.replace('id = "lab-a.leak"', 'id = "no id"'), "identity")
    put(folder, "x" * 300_000, "large")
    put(folder, "", "empty")
    put(folder, LEAK.replace("lab-a.leak", "lab-a.broken").replace("exp(-u)", "exq(-u)"), "late")
    (folder / "bytes.card.toml").write_bytes(b"\xff\xfe")
    (folder / "folder.card.toml").mkdir()
    (folder / "link.card.toml").symlink_to(folder / "leak.card.toml")
    (folder / "dangling.card.toml").symlink_to(folder / "nothing")
    found = states(default_host(), tmp_path)
    failed = {name for name, state in found.items() if state == "failed"}

    assert {"leak.card.toml", "late.card.toml"} == {
        name for name, state in found.items() if state == "found"
    }
    assert 8 == len(failed)
    assert pl.rest(pl.load(file_in(tmp_path))).states
    assert default_host().plugins() is not None
    with pytest.raises(pl.PluginError, match=r"lab-a\.broken cannot be used: .*exq.*exp"):
        default_host().make("mechanisms", "lab-a.broken", beside=tmp_path)


def test_an_unknown_name_is_told_with_the_cards_that_come_near(tmp_path: Path) -> None:
    """And with those that cannot be read, for it may be one of them."""
    put(tmp_path / "cards")
    put(tmp_path / "cards", "x", "broken")
    with pytest.raises(pl.UnknownNameError) as caught:
        default_host().make("mechanisms", "lab-a.leek", beside=tmp_path)

    said = str(caught.value)
    assert "did you mean 'lab-a.leak'" in said
    assert said.index("broken.card.toml cannot be read") < said.index("pip install")


def test_a_folder_of_cards_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    """A link that leads in a circle is no folder; the name that was wanted may be behind it."""
    (tmp_path / "cards").symlink_to("cards")
    with pytest.raises(pl.UnknownNameError, match=r"^\S+cards cannot be read .* is not installed"):
        default_host().make("mechanisms", "lab-a.leak", beside=tmp_path)

    state = next(state for state in default_host().cards(tmp_path) if state.state == "failed")
    assert "cards cannot be listed" in state.reason


def test_a_card_that_changes_is_seen(tmp_path: Path) -> None:
    """Nothing is kept beyond the file's time and size."""
    path = put(tmp_path / "cards")
    before = default_host().cards(tmp_path)[0]
    path.write_text(LEAK.replace("1.0.0", "1.0.10"), encoding="utf-8")
    after = default_host().cards(tmp_path)[0]

    assert ("1.0.0", "1.0.10") == (before.version, after.version)
    assert before.sha256 != after.sha256


def test_a_folder_that_is_not_there_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """PUMPLEAK_CARDS may be misspelt."""
    monkeypatch.setenv("PUMPLEAK_CARDS", os.pathsep.join(["/nowhere/cards", ""]))

    assert any("'/nowhere/cards', which is no folder" in note for note in Host().notes())


_LISTED = """
import json, sys
import pumpleak.host
from pumpleak.cli import main
try:
    main(["plugins", "list", "--json"])
except SystemExit:
    pass
heavy = ["numpy", "sympy", "pint", "scipy", "mpmath", "pumpleak.cards._parse",
         "pumpleak.cards._read", "pumpleak.parts._channel"]
print(json.dumps([name for name in heavy if name in sys.modules]), file=sys.stderr)
"""


def test_listing_cards_imports_no_physics_and_reads_no_equations(tmp_path: Path) -> None:
    """In a process of its own: no numbers, no symbols, no grammar."""
    put(tmp_path / "cards")
    done = subprocess.run(
        [sys.executable, "-c", _LISTED], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")},
    )  # fmt: skip
    listed: list[dict[str, Any]] = json.loads(done.stdout)["cards"]

    assert [] == json.loads(done.stderr.splitlines()[-1])
    assert [("lab-a.leak", "1.0.0", "found")] == [
        (card["name"], card["version"], card["state"]) for card in listed
    ]


def test_of_a_thousand_cards_no_more_is_parsed_than_the_first_table(tmp_path: Path) -> None:
    """What follows it is not even TOML, and they are listed."""
    head = LEAK.index("\n[biology]")
    for number in range(1000):
        text = LEAK[:head].replace("lab-a.leak", f"lab-a.leak{number}")
        put(tmp_path / "cards", f"{text}\n[no = table", f"c{number}")
    found = Host().cards(tmp_path)

    assert 1000 == len(found)
