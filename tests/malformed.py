"""Malformed membrane files, made from a valid one by a seeded generator."""

from __future__ import annotations

import copy
import datetime
import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import tomli_w

SEED = 20240229
COUNT = 400

VALID: dict[str, Any] = {
    "membrane": {
        "name": "cell",
        "temperature": "37 degC",
        "area": "1000 um^2",
        "capacitance": "1 uF/cm^2",
        "dG_ATP": "-57 kJ/mol",
        "range": ["-200 mV", "150 mV"],
        "solver": "solvers.scan",
        "sources": ["made up"],
    },
    "constants": {"gas_constant": "8.314 J/(mol K)", "faraday": "96485 C/mol"},
    "inside": {
        "K": "140 mM",
        "Na": "12 mM",
        "Cl": "6 mM",
        "pH": 7.2,
        "impermeant": "140 mM",
        "impermeant_valence": -1.0,
    },
    "outside": {"K": "4 mM", "Na": "145 mM", "Cl": "149 mM", "pH": 7.4},
    "mechanism": [
        {
            "use": "channel",
            "name": "leak",
            "density": "2 nS",
            "permeation": {"kind": "ghk", "K": 1, "Na": 0.03, "symmetric": "150 mM"},
            "gating": {"kind": "boltzmann", "V_half": "-40 mV", "z_g": 0.2},
        },
        {
            "use": "channel",
            "name": "anions",
            "density": "3 / um^2",
            "unitary": "3 pS",
            "permeation": {"kind": "ohmic", "ion": "Cl", "reversal": "-70 mV"},
            "gating": {
                "kind": "two-state",
                "V_half": "-90 mV",
                "z_g": -1,
                "rate": "100 /s",
                "delta": 0.5,
            },
        },
        {"use": "k2p.TREK1", "density": "0.5 / um^2"},
        {
            "use": "atpase.LuoRudy",
            "name": "pump",
            "density": "1.5 uA/cm^2",
        },
    ],
}
#: What each field holds; what is not here is a table.
KINDS = {
    "name": "text",
    "solver": "solver",
    "sources": "texts",
    "range": "range",
    "use": "use",
    "kind": "kind",
    "ion": "ion",
    **dict.fromkeys(("pH", "impermeant_valence"), "bare"),
    **dict.fromkeys(("z_g", "delta"), "number"),
}
RATIOS = "number"
#: Fields whose value must be above zero; for the rest the sign that is wrong.
SIGNS = {
    "temperature": "-300 degC",
    "area": "-1 um^2",
    "capacitance": "0 uF/cm^2",
    "dG_ATP": "57 kJ/mol",
    "gas_constant": "-8.314 J/(mol K)",
    "faraday": "0 C/mol",
    "density": "-1 nS",
    "unitary": "-3 pS",
    "symmetric": "0 mM",
    "rate": "-1 /s",
    "impermeant": "-1 mM",
    "K": "-4 mM",
    "Na": "0 mM",
    "Cl": "-1e-9 mM",
}
NO_VALUE = [
    True,
    [],
    [[1, 2], [3]],
    ["1 mM"],
    {},
    {"a": {"b": 1}},
    datetime.date(2024, 2, 29),
    datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC),
    datetime.time(12, 30),
    math.nan,
    math.inf,
    -math.inf,
]
NO_QUANTITY = [
    5,
    -2.5,
    0,
    "",
    "   ",
    "mM",
    "nan {unit}",
    "-inf {unit}",
    "1e400 {unit}",
    "5 parsec",
    "5 kg",
    "five {unit}",
    "1,5 {unit}",
    "1 {unit} 2 +",
    "1 {unit}; import os",
    "__import__('os').getcwd()",
    "1\x00 {unit}",
    "\x001 {unit}",
    "9" * 100_000 + " {unit}",
    "1 " + "m" * 100_000,
    "1 {unit}^",
    "1 {unit}/",
    "1 {unit}**9999",
    "((((((((((1 {unit}",
    "0x10 {unit}",
    "\u202e1 {unit}",
    "💥",
    "1 K\u0301",
    "1 {unit} {unit}",
]
NO_NUMBER = ["", "text", "1 mM", "nan", "inf", "1e400", "0x1", "1 2", "\x00", "💥", "1,5"]
NO_NAME = ["", "   ", "a b", "a.b", "1a", "é\x00", "x" * 1000, "💥", "a/b", "inside", 5, "\n"]
NO_USE = [
    "",
    "nothing",
    "k2p.",
    ".TREK1",
    "k2p.TREK",
    "nosuch.TREK1",
    "a.b.c",
    "💥",
    5,
    "\x00",
    "K2P.trek1",
]
NO_ION = ["", "Kk", "Potassium", "💥", 1, "K+", "\x00"]
NO_RANGE = [
    "-200 mV",
    ["-200 mV"],
    ["-200 mV", "0 mV", "150 mV"],
    ["150 mV", "-200 mV"],
    ["0 mV", "0 mV"],
    ["-200 mM", "150 mM"],
    ["nan mV", "0 mV"],
    ["-inf mV", "inf mV"],
    ["-5 V", "5 V"],
    [-200.0, 150.0],
    [-200, 150],
    [math.nan, 1.0],
    [[1], [2]],
    {"low": "-200 mV", "high": "150 mV"},
]


class Malformed(NamedTuple):
    """One malformed file.

    Args:
        what: for test ids.
        data: its bytes.
        field: what the message must name; None where the file is no TOML at all.
    """

    what: str
    data: bytes
    field: str | None


def fields(tables: Any, path: str = "") -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield (path as messages have it, keys) of every value in a membrane file."""
    items = tables.items() if isinstance(tables, dict) else enumerate(tables)
    for key, value in items:
        here = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) or (isinstance(value, list) and here == "mechanism"):
            for inner, keys in fields(value, here):
                yield inner, (key, *keys)
        else:
            yield here, (key,)


def changed(keys: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return the valid tables with one value replaced."""
    tables = copy.deepcopy(VALID)
    inner: Any = tables
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return tables


def text(tables: dict[str, Any]) -> bytes:
    """Return the bytes of a file."""
    return tomli_w.dumps(tables).encode()


def bad_values(path: str, keys: tuple[Any, ...]) -> list[Any]:
    """Return values that a field cannot have."""
    field = keys[-1]
    old: Any = VALID
    for key in keys:
        old = old[key]
    kind = KINDS.get(field, "quantity")
    if "permeation" in keys and field in ("K", "Na", "Cl"):
        return [*NO_VALUE, *NO_NUMBER, -0.5]
    if kind == "bare":
        return [*NO_VALUE, *NO_NUMBER, "7.2", 1e6, -1e6]
    if kind == "number":
        return [*NO_VALUE, *NO_NUMBER, 1e6, -1e6]
    if kind == "text" and keys[0] == "membrane":
        return [*NO_VALUE, "", "   ", "x" * 1000, 5]
    if kind == "text":
        return [*NO_VALUE, *NO_NAME]
    if kind == "solver":
        return [*NO_VALUE, "", "nosuch.solver", "solvers.sca", 5]
    if kind == "texts":
        return [value for value in NO_VALUE if value not in ([], ["1 mM"])] + ["made up", [1]]
    if kind == "range":
        return [*NO_VALUE, *NO_RANGE]
    if kind == "use":
        return [*NO_VALUE, *NO_USE]
    if kind == "kind":
        return [*NO_VALUE, "", "ghkk", "GHK ", "Boltzman", 5]
    if kind == "ion":
        return [*NO_VALUE, *NO_ION]
    unit = str(old).partition(" ")[2]
    return [
        *NO_VALUE,
        *(value.format(unit=unit) if isinstance(value, str) else value for value in NO_QUANTITY),
        SIGNS.get(field, "0 lightyear"),
    ]


def _values(draw: random.Random, count: int) -> Iterator[Malformed]:
    """Yield files with one bad value each, every field at least once."""
    everything = list(fields(VALID))
    for number in range(count):
        path, keys = everything[number % len(everything)]
        value = draw.choice(bad_values(path, keys))
        yield Malformed(f"value-{path}-{str(value)[:20]!r}", text(changed(keys, value)), path)


def _names(draw: random.Random, count: int) -> Iterator[Malformed]:
    """Yield files with a misspelt, doubled or foreign name."""
    everything = list(fields(VALID))
    for _ in range(count):
        path, keys = draw.choice(everything)
        tables = copy.deepcopy(VALID)
        inner: Any = tables
        for key in keys[:-1]:
            inner = inner[key]
        old = str(keys[-1])
        letter = draw.randrange(len(old))
        made = draw.choice(
            [
                old[:letter] + old[letter] + old[letter:],
                old + draw.choice(["_", "2", " ", "\x00", "é", "💥", "ж", "."]),
                old.swapcase(),
                "self",
                "__class__",
                "",
                "x" * 2000,
                "К",
            ]
        )
        if made in inner:
            continue
        inner[made] = inner[old]
        parent = path.rpartition(".")[0]
        yield Malformed(f"name-{parent}.{made[:20]!r}", text(tables), f"{parent}.{made}"[:40])


def _missing() -> Iterator[Malformed]:
    """Yield files that lack what they need."""
    for keys, field in [
        (("membrane",), "membrane"),
        (("inside",), "inside"),
        (("outside",), "outside"),
        (("mechanism",), "mechanism"),
        (("membrane", "temperature"), "membrane.temperature"),
        (("membrane", "area"), "membrane.area"),
        (("inside", "K"), "inside.K"),
        (("outside", "Na"), "outside.Na"),
        (("inside", "impermeant"), "inside.impermeant"),
        (("mechanism", 0, "use"), "mechanism[0].use"),
        (("mechanism", 0, "density"), "mechanism[0].density"),
        (("mechanism", 0, "permeation"), "mechanism[0].permeation"),
        (("mechanism", 0, "permeation", "kind"), "mechanism[0].permeation"),
        (("mechanism", 1, "permeation", "ion"), "mechanism[1].permeation.ion"),
        (("mechanism", 1, "unitary"), "mechanism[1].unitary"),
        (("mechanism", 2, "density"), "mechanism[2].density"),
    ]:
        tables = copy.deepcopy(VALID)
        inner: Any = tables
        for key in keys[:-1]:
            inner = inner[key]
        del inner[keys[-1]]
        yield Malformed(f"missing-{field}", text(tables), field)
    for name, value in [
        ("extra", {}),
        ("Membrane", {}),
        ("mechanisms", []),
        ("__proto__", {"a": 1}),
        ("", 1),
        ("💥", "x"),
    ]:
        yield Malformed(f"table-{name!r}", text({name: value, **VALID}), name)
    for value in [
        [],
        {},
        "leak",
        5,
        [1, 2],
        [[]],
        [{}],
        [[{"use": "channel"}]],
        datetime.date.today(),
    ]:
        yield Malformed(
            f"mechanism-{str(value)[:20]}", text({**VALID, "mechanism": value}), "mechanism"
        )
    for table in ("membrane", "inside", "outside", "constants"):
        for value in [5, "x", [], [{}], True, math.nan]:
            yield Malformed(f"{table}-{value!r}", text({**VALID, table: value}), table)
    twice = copy.deepcopy(VALID)
    twice["mechanism"][1]["name"] = "leak"
    yield Malformed("two of one name", text(twice), "leak")
    foreign = copy.deepcopy(VALID)
    foreign["mechanism"][0]["density"] = "3 mM"
    yield Malformed("wrong dimension", text(foreign), "mechanism[0].density")


def _steady() -> Iterator[Malformed]:
    """Yield files whose table for steady ions is wrong."""
    base = copy.deepcopy(VALID)
    del base["membrane"]["solver"], base["inside"]["pH"], base["outside"]["pH"]
    table: dict[str, Any] = {
        "free": ["Na", "K", "Cl"],
        "volume": "2 pL",
        "outside_volume": "5 pL",
        "charge": "capacitance",
        "shape": "cylinder",
        "length": "20 um",
        "swells": True,
        "start_voltage": "-70 mV",
        "water_permeability": "0.005 cm/s",
    }
    wrong: dict[str, list[Any]] = {
        "free": [5, "Na", [], [1], ["Na", "Na"], ["Xx"], [""], ["Na", ["K"]], True, {}],
        "swells": ["true", 1, 0, [], {}],
        "infer_impermeant": ["no", 1],
        "charge": ["", "neutral", 5, [], True, {}],
        "shape": ["", "cube", 5, [], {}, "sphere"],
    }
    for field in ("volume", "outside_volume", "length", "start_voltage", "water_permeability"):
        unit = table[field].partition(" ")[2]
        wrong[field] = [
            value.format(unit=unit) if isinstance(value, str) else value
            for value in (NO_VALUE + NO_QUANTITY)[::3]
        ]
        if field != "start_voltage":
            wrong[field] += [f"0 {unit}", f"-1 {unit}"]
    for field, values in wrong.items():
        for value in values:
            named = "steady.length" if value == "sphere" else f"steady.{field}"
            bad = {**base, "steady": {**table, field: value}}
            yield Malformed(f"steady-{field}-{str(value)[:20]!r}", text(bad), named)
    for lost in ("free", "volume", "length"):
        less = {key: value for key, value in table.items() if key != lost}
        yield Malformed(f"steady-no-{lost}", text({**base, "steady": less}), f"steady.{lost}")
    for extra in ("fre", "self", "__class__", "💥"):
        more = {**base, "steady": {**table, extra: 1}}
        yield Malformed(f"steady-{extra!r}", text(more), f"steady.{extra}")


def _no_toml(draw: random.Random) -> Iterator[Malformed]:
    """Yield bytes that are no TOML, or far more than a membrane."""
    good = text(VALID)
    lines = good.splitlines(keepends=True)
    for _ in range(25):
        position = draw.choice([i for i, byte in enumerate(good) if byte == ord('"')])
        yield Malformed(f"quote {position} lost", good[:position] + good[position + 1 :], None)
    for _ in range(15):
        position = draw.randrange(len(good))
        raw = draw.choice([b"\x00", b"\xff", b"\x80", b"\x1b[31m", b"\xed\xa0\x80", b"\x7f"])
        yield Malformed(
            f"byte {raw!r} at {position}", good[:position] + raw + good[position:], None
        )
    for _ in range(15):
        line = draw.choice([line for line in lines if b" = " in line])
        head, tail = good.split(line, 1)
        yield Malformed(f"twice {line[:20]!r}", head + line + line + tail, None)
    for size in (1, 16, 256, 4096):
        noise = bytes(draw.randrange(256) for _ in range(size)) + b"\xff"
        yield Malformed(f"noise {size}", noise, None)
    for depth in (50, 300, 900, 1500, 5000, 100_000):
        yield Malformed(f"arrays {depth}", b"a = " + b"[" * depth + b"]" * depth, None)
        yield Malformed(f"open arrays {depth}", b"a = " + b"[" * depth, None)
        inline = b"a = " + b"{a=" * depth + b"1" + b"}" * depth
        yield Malformed(f"tables {depth}", inline, None)
        nested = good.replace(b'"37 degC"', b"[" * depth + b"]" * depth)
        yield Malformed(f"deep value {depth}", nested, None)
        dotted = b".".join([b"a"] * depth) + b" = 1"
        yield Malformed(f"dotted {depth}", dotted, None)
    yield Malformed("huge", good + b"# " + b"x" * 2_000_000, None)
    yield Malformed("long key", b"x" * 500_000 + b" = 1\n" + good, None)
    yield Malformed("huge number", good.replace(b"0.03", b"9" * 5000), None)
    yield Malformed("1e400", good.replace(b"0.03", b"1e400"), None)
    yield Malformed("empty", b"", "membrane")
    yield Malformed("blank", b"\n\n  \n", "membrane")
    yield Malformed("comment", b"# a membrane\n", "membrane")
    yield Malformed("utf-16", good.decode().encode("utf-16"), None)
    yield Malformed("latin-1", good.replace(b"cell", b"c\xe9ll"), None)
    yield Malformed("two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + good, None)
    yield Malformed("carriage returns", good.replace(b"\n", b"\r"), None)
    yield Malformed("json", b'{"membrane": {"area": "1 um^2"}}', None)
    yield Malformed("xml", b"<membrane/>", None)
    yield Malformed("yaml", b"membrane:\n  area: 1 um^2\n", None)
    yield Malformed("bare unit", good.replace(b'"37 degC"', b"37 degC"), None)
    yield Malformed("surrogate", good.replace(b"cell", b"\\ud800"), None)
    yield Malformed("bad escape", good.replace(b"cell", b"\\q"), None)
    yield Malformed("two tables", good + b"\n[membrane]\n", None)
    yield Malformed("table and list", good + b"\n[mechanism]\n", None)
    yield Malformed("key into text", good + b"\n[membrane.name.x]\ny = 1\n", None)


def malformed() -> list[Malformed]:
    """Return the malformed files, always the same."""
    draw = random.Random(SEED)
    made = [*_no_toml(draw), *_missing(), *_names(draw, 60), *_steady()]
    made += _values(draw, max(0, COUNT - len(made)) + 100)
    return made
