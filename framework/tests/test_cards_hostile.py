"""Cards made to harm: each is refused, or comes to nothing, fast and in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from carding import LEAK

from pumpleak import CardError
from pumpleak.cards import loads_card

if sys.platform != "linux":
    pytest.skip("limits of time and memory are set as Linux does", allow_module_level=True)

CHILD = Path(__file__).with_name("card_child.py")
#: Of a processor's time, however busy the machine; the worst of these takes 0.3 s.
SECONDS = 4.0
MB = 60.0


def card(equation: str = "1.0", **definitions: str) -> str:
    """Return the leak with another open probability and other definitions."""
    text = LEAK.replace('"1 / (1 + exp(-u))"', f'"{equation}"')
    lines = "\n".join(f'{name} = "{one}"' for name, one in {"u": "1", **definitions}.items())
    return text.replace('u = "z_g * (V - V_half) / VT"', lines)


def within(shape: str, core: str, times: int) -> str:
    """Return an equation put into itself again and again, at @."""
    for _ in range(times):
        core = shape.replace("@", core)
    return core


def head(line: str) -> str:
    """Return the leak with a line more in its first table."""
    return LEAK.replace("[card]\n", f"[card]\n{line}\n")


def chain(step: str, start: str = "V/V+8", count: int = 900) -> dict[str, str]:
    """Return definitions that each use the one before, at @."""
    each = {f"x{i}": step.replace("@", f"x{i - 1}") for i in range(1, count + 1)}
    return {"x0": start, **each}


def many(count: int, table: str) -> str:
    """Return the leak with many parameters, each with a unit that was never seen before."""
    one = "[{}]\nvalue = 1.0\nunit = 'mV^{}*ms^{}*mM^{}*q'\nsource = 'assumed'\n"
    return LEAK + "".join(
        one.format(table.replace("@", str(i)), i % 7, i % 11, i // 77) for i in range(count)
    )


REFUSED = {
    # equations
    "deep brackets": (card("(" * 3000 + "V" + ")" * 3000), "inside one another"),
    "deep signs": (card("-" * 3000 + "1"), "inside one another"),
    "deep calls": (card(within("exp(@)", "V", 900)), "inside one another"),
    "deep powers": (card("V**" * 900 + "2"), "inside one another"),
    "a tower of powers": (card("9**9**9"), "too high"),
    "a tower in pieces": (card("9**a", a="9**b", b="9*9"), "too high"),
    "a tower of units": (card("9**(9*mV/mV)**9"), "too high"),
    "a tower of functions": (card("9**exp(99)"), "too high"),
    "a power of infinity": (card("2**(1e308*1e308)"), "too high"),
    "too many terms": (card("+".join(["1"] * 3000)), "name parts of it in 'let'"),
    "a long text": (card("1" + " " * 9000), "too many for one equation"),
    "a long number": (card("1" * 100), "more than 32 characters"),
    "a large number": (card("1e999"), "too large"),
    "not a number": (card("nan"), "'nan' is no parameter"),
    "infinity": (card("-inf"), "'inf' is no parameter"),
    "a long name": (card("V" * 50), "is no name"),
    "dunder": (card("__import__('os').system('true')"), "belongs to no equation"),
    "dunder alone": (card("__builtins__"), "is no name"),
    "double underscore": (card("V__half"), "is no name"),
    "attribute of a name": (card("V.real"), "nothing can follow the dot"),
    "attribute of a group": (card("inside.__class__"), "expected a name after 'inside.'"),
    "attribute of an attribute": (card("inside.K.real"), "expected an operator or the end"),
    "attribute of a number": (card("1 .real"), "expected an operator or the end"),
    "call of a name": (card("eval(1)"), "is no function"),
    "call of a call": (card("exp(1)(1)"), "expected an operator or the end"),
    "call of nothing": (card("exp()"), "expected a number, a name or '('"),
    "index": (card("V[0]"), "belongs to no equation"),
    "lambda": (card("lambda"), "'lambda' is no parameter"),
    "two statements": (card("1; 2"), "belongs to no equation"),
    "an assignment": (card("V := 2"), "belongs to no equation"),
    "a comparison alone": (card("V < 2"), "expected an operator or the end"),
    "a format": (card("{V}"), "belongs to no equation"),
    "an escape": (card("V\\u0000"), "belongs to no equation"),
    "Greek kappa": (card("Κ"), "GREEK CAPITAL LETTER KAPPA"),
    "Cyrillic a": (card("а"), "CYRILLIC SMALL LETTER A"),
    "fullwidth letter": (card("Ｖ"), "which is not 'V'"),
    "fullwidth sign": (card("1＊2"), "which is not '*'"),
    "Arabic digit": (card("٣"), "ARABIC-INDIC DIGIT THREE"),
    "no-break space": (card("1\u00a0+ 2"), "NO-BREAK SPACE"),
    "right-to-left": (card("V\u202e"), "RIGHT-TO-LEFT OVERRIDE"),
    "a circle": (card("a", a="b", b="c", c="a"), "'a' is defined in terms of itself"),
    "a circle of one": (card("a", a="a + 1"), "a -> a"),
    "a circle nobody uses": (card("1", a="b", b="a"), "in terms of itself"),
    "a definition called V": (card("V", V="1"), "means something else already"),
    # names in tables
    "a parameter called exec": (
        LEAK.replace("V_half", "__init__"), "is no name; a name has ASCII letters"),
    "a parameter called bound": (LEAK.replace("V_half", "bound"), "means something else already"),
    "a parameter called class": (LEAK.replace("V_half", "class"), "means something else already"),
    "a parameter in Greek": (LEAK.replace("[parameters.V_half]", '[parameters."κ"]'), "is no name"),
    "a parameter with code": (
        LEAK.replace("[parameters.V_half]", '[parameters."x=1\\nimport os"]'), "is no name"),
    "an ion called dunder": (
        LEAK.replace('ion = "K"', 'ion = "__class__"'), "expected an ion such as 'K'"),
    # values
    "a value of nan": (LEAK.replace("value = -20.0", "value = nan"), "expected a number, got nan"),
    "a value of inf": (
        LEAK.replace("value = -20.0", "value = -inf"), "expected a number, got -inf"),
    "a value of 400 digits": (
        LEAK.replace("value = -20.0", "value = " + "9" * 400), "expected a number"),
    "a value of 5000 digits": (
        LEAK.replace("value = -20.0", "value = " + "9" * 5000), "is not TOML that can be read"),
    "a unit to the 9^9^9": (LEAK.replace('"pS"', '"pS^9^9^9"'), "unknown unit"),
    "a unit of code": (LEAK.replace('"pS"', '"__import__(1)"'), "unknown unit"),
    "a long unit": (LEAK.replace('"pS"', '"' + "pS*" * 50 + 'pS"'), "more than 40 characters"),
    # TOML
    "a key twice": (head('id = "lab-a.other"'), "is not TOML"),
    "a table twice": (LEAK + '[card]\nid = "x.y"\n', "is not TOML"),
    "deep lists": (head("x = " + "[" * 50_000 + "]" * 50_000), "in one another"),
    "deep tables": (head("x = " + "{a=" * 20_000 + "1" + "}" * 20_000), "in one another"),
    "a dotted key": (head("a" + ".a" * 50_000 + " = 1"), "more than 8 parts"),
    "a dotted key within": (head("x = {a" + ".a" * 50_000 + " = 1}"), "more than 8 parts"),
    "a dotted header": (LEAK + "[a" + ".a" * 50_000 + "]\n", "more than 8 parts"),
    "a quoted dotted key": (head('"a"' + '."a"' * 40_000 + " = 1"), "more than 8 parts"),
    "many keys": (head("\n".join(f"k{i} = 1" for i in range(12_000))), "entries (at most"),
    "many tables": (LEAK + "".join(f"[a{i}]\n" for i in range(12_000)), "entries (at most"),
    "many brackets in a line": (head("x = " + "[]" * 60_000), "is not TOML"),
    "many open strings": (head('x = """' + "'''\"" * 40_000), "is not TOML"),
    "many problems": (card("1", **{f"y{i}": "^" for i in range(900)}), "and more"),
    "many unknown names": (
        card("1", **{f"y{i}": f"unknown_name_number_{i}" for i in range(900)}), "and more"),
    "many long unknown keys": (head("\n".join(f"{'k' * 100}{i} = 1" for i in range(900))),
        "unknown field"),
    "many parameters": (many(900, "parameters.p@"), "has 903 entries (at most"),
    "units of their own": (many(190, "parameters.p@"), "unknown unit"),
    "many reference points": (LEAK + "".join(
        "[[reference]]\nV = '1 mV'\n" for _ in range(900)), "expected a list of up to"),
    "half a surrogate": (head('x = "\ud800"'), "is not text"),
    "an unknown key": (head('licence = "MIT"'), "did you mean 'license'?"),
    "hidden text": (LEAK.replace("made up for tests", "made\u202eup"), "cannot be seen"),
}  # fmt: skip

#: Cards that break no rule of reading; their numbers could grow without bound.
USED = {
    "powers that cancel to constants": card("9**((V/V+8)**9)"),
    "a constant squared 900 times": card("x900", **chain("@*@")),
    "a quantity squared 900 times": card("x900", **chain("@*@", "V/mV")),
    "an exponential of logarithms": card("exp(1000*1000*1000*log(V/V+8))"),
    "exponents that add up": card("*".join(["9**(V/mV+1000)"] * 60) + "*9**(-60*V/mV)"),
    "nested choices": card(within("where(@<1,2,3)", "V/mV", 35)),
    "nested absolutes": card(within("absolute(@-1)", "V/mV", 35)),
    "nested minima": card(within("minimum(@,maximum(V/mV,2))", "V/mV", 19)),
    "nested powers": card(within("(1000*@+1)**60", "V/mV", 18)),
    "nested exponentials": card(within("exp(@)", "V/mV", 38)),
    "nested products in functions": card(within("tanh(@*V/mV)", "V/mV", 30)),
    "a chain of 900": card("x900", **chain("exp(@)", "V/mV")),
    "a broad chain": card("x300", **chain("tanh(@)*tanh(V/mV*@)", "V/mV", 300)),
    "an imaginary power": card(within("(V/mV)**(@)", "V/mV", 18)),
    "division by zero": card("1/(V-V)"),
    "logarithm of less than nothing": card("log(-1-V*V/mV/mV)"),
}


def ran(cards: list[tuple[str, str, str]]) -> dict[str, dict[str, Any]]:
    """Return what each did in a child."""
    done = subprocess.run(
        [sys.executable, str(CHILD)], input=json.dumps(cards), capture_output=True, text=True,
        check=True, timeout=300,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def odd_files(folder: Path) -> dict[str, tuple[str, str]]:
    """Make what is no card's file; return each path with what must be said of it."""
    real = folder / "real.card.toml"
    real.write_text(LEAK, encoding="utf-8")
    (folder / "link.card.toml").symlink_to(real)
    (folder / "loop.card.toml").symlink_to("loop.card.toml")
    os.mkfifo(folder / "pipe.card.toml")
    (folder / "folder.card.toml").mkdir()
    (folder / "bytes.card.toml").write_bytes(b"\xff\xfe\x00" * 100)
    with (folder / "large.card.toml").open("wb") as file:
        file.truncate(100_000_000)
    return {
        "a link": (str(folder / "link.card.toml"), "symbolic link"),
        "a link to itself": (str(folder / "loop.card.toml"), "symbolic link"),
        "a pipe that nobody fills": (str(folder / "pipe.card.toml"), "is no file"),
        "a folder": (str(folder / "folder.card.toml"), "is no file"),
        "a device without end": ("/dev/zero", "is no file"),
        "nothing": (str(folder / "none.card.toml"), "no such file"),
        "a name too long": (str(folder / ("n" * 5000)), "cannot be read"),
        "a name with a zero": ("a\0b", "cannot be read"),
        "bytes that are no text": (str(folder / "bytes.card.toml"), "is not UTF-8 text (byte 0)"),
        "100 MB": (str(folder / "large.card.toml"), "100000000 bytes are too many for a card"),
    }


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Make odd files."""
    return odd_files(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def findings(files: dict[str, tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Run them all, each in a process of its own."""
    return ran(
        [
            *((name, "loads", text) for name, (text, _) in REFUSED.items()),
            *((name, "use", text) for name, text in USED.items()),
            *((name, "load", path) for name, (path, _) in files.items()),
            *((f"waste {what}", "waste", what) for what in ("80", "1000")),
        ]
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_card_is_refused_fast_and_small(name: str, findings: Any) -> None:
    """With a message of its own, in bounded time and memory."""
    found = findings[name]

    assert "refused" == found["outcome"], found
    assert REFUSED[name][1] in found["message"]
    assert found["seconds"] < SECONDS
    assert found["MB"] < MB
    assert len(found["message"]) < 20_000


@pytest.mark.parametrize("name", USED)
def test_numbers_cannot_grow_without_bound(name: str, findings: Any) -> None:
    """A card that cancels its way past the grammar comes to a number or to an error of ours."""
    found = findings[name]

    assert "accepted" == found["outcome"], found
    assert found["seconds"] < SECONDS
    assert found["MB"] < MB


def test_what_is_no_file_is_refused_at_once(files: Any, findings: Any) -> None:
    """Links, folders, pipes and devices; a pipe does not block, 100 MB are not read."""
    for name, (_, sentence) in files.items():
        found = findings[name]

        assert "refused" == found["outcome"], name
        assert sentence in found["message"]
        assert found["seconds"] < 0.5
        assert found["MB"] < 10


class Untouched(str):
    """A text that tells its length and nothing else."""

    __slots__ = ()

    def _touched(self, *args: Any, **kwargs: Any) -> Any:
        raise AssertionError("it was looked at")

    encode = find = index = split = splitlines = startswith = replace = _touched
    __iter__ = __getitem__ = __contains__ = _touched


def test_a_text_of_100_MB_is_refused_by_its_length() -> None:
    """Without looking at any of it."""
    with pytest.raises(CardError, match="100000000 bytes are too many for a card"):
        loads_card(Untouched("#" * 100_000_000))


def test_the_measure_sees_what_is_slow_and_large(findings: Any) -> None:
    """The child's clock and scales work: 0.3 s and 80 MB are told, more than it may is an end."""
    slow, large = findings["waste 80"], findings["waste 1000"]

    assert slow["seconds"] >= 0.3
    assert slow["MB"] >= 75
    assert "escaped" == large["outcome"]
    assert "MemoryError" in large["message"]
