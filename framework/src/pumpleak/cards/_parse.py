"""From the text of an equation to its tree, by a whitelist grammar.

Written by hand and not with a parser generator, so that length, depth and number of nodes are
bounded *while* reading, before anything large is built, and so that messages speak of equations.
Every step either takes a character or ends: time grows with the length of the text, never faster.

    sum      = product (("+" | "-") product)*
    product  = unary (("*" | "/") unary)*
    unary    = "-" unary | power
    power    = atom ("**" unary)?
    atom     = NUMBER | NAME | NAME "." NAME | FUNCTION "(" sum ("," sum)* ")" | "(" sum ")"

The first argument of ``where`` is a comparison; that of ``present`` is a concentration.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from .._errors import EquationError, near
from ._limits import (
    DEPTH,
    EQUATION_CHARS,
    EQUATION_NODES,
    EXACT,
    NAME_CHARS,
    NUMBER_CHARS,
)
from ._tree import (
    COMPARISONS,
    FUNCTIONS,
    Call,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
)

#: What may stand before a dot.
GROUPS = ("inside", "outside", "E", "z", "own", "links")
SIDES = ("inside", "outside")
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|[-+*/<>(),.])"
)
#: Letters and digits in groups with single underscores between: no dunder can be written.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_SEEN = 20


def is_name(text: object) -> bool:
    """Return whether a card may give something this name."""
    return isinstance(text, str) and len(text) <= NAME_CHARS and bool(_NAME.fullmatch(text))


def parse(text: str) -> Node:
    """Return the tree of an equation.

    Args:
        text: such as ``"1 / (1 + exp(-z_g * (V - V_half) / VT))"``.

    Raises:
        EquationError: what is wrong, and at which character.

    >>> parse("2 * V").first
    Number(value=2)
    """
    if len(text) > EQUATION_CHARS:
        raise EquationError(
            f"{len(text)} characters are too many for one equation (at most {EQUATION_CHARS}); "
            "name parts of it in 'let'"
        )
    return _Reader(text).whole()


def _strange(text: str, where: int) -> EquationError:
    """Return the error for a character that no equation has."""
    char = text[where]
    place = f"at character {where + 1}"
    if char.isascii():
        hint = {"^": "; write ** for a power", "=": "; give definitions in 'let'"}.get(char, "")
        return EquationError(f"{char!r} {place} belongs to no equation{hint}")
    name = unicodedata.name(char, "a character without a name")
    alike = unicodedata.normalize("NFKC", char)
    twin = f", which is not {alike!r}" if alike.isascii() and alike != char else ""
    return EquationError(
        f"U+{ord(char):04X} ({name}) {place}{twin}; equations are written in plain ASCII, so that "
        "no two names look alike"
    )


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    where = 0
    while where < len(text):
        match = _TOKEN.match(text, where)
        if match is None:
            raise _strange(text, where)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append((kind, match.group(), where))
        where = match.end()
    found.append(("end", "", len(text)))
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._left = _tokens(text)
        self._at = 0
        self._depth = 0
        self._nodes = 0

    def whole(self) -> Node:
        """Read all of the text."""
        if self._left[0][0] == "end":
            raise EquationError("is empty; write an expression, such as '1'")
        found = self._sum()
        if not self._ends():
            raise self._expected("an operator or the end")
        return found

    def _ends(self) -> bool:
        return self._left[self._at][0] == "end"

    def _next_is(self, *signs: str) -> bool:
        kind, text, _ = self._left[self._at]
        return kind == "sign" and text in signs

    def _take(self) -> str:
        text = self._left[self._at][1]
        self._at += 1
        return text

    def _expect(self, sign: str, where: str) -> None:
        if not self._next_is(sign):
            raise self._expected(f"{sign!r} {where}")
        self._at += 1

    def _expected(self, what: str) -> EquationError:
        kind, text, where = self._left[self._at]
        got = "the end" if kind == "end" else f"{text[:_SEEN]!r} at character {where + 1}"
        return EquationError(f"expected {what}, got {got}")

    def _made(self, node: Node) -> Node:
        self._nodes += 1
        if self._nodes > EQUATION_NODES:
            raise EquationError(
                f"more than {EQUATION_NODES} numbers, names and operations in one equation; name "
                "parts of it in 'let'"
            )
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise EquationError(
                f"more than {DEPTH} brackets, powers or signs inside one another; name parts of it "
                "in 'let'"
            )

    def _sum(self) -> Node:
        return self._chain(Sum, ("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chain(Product, ("*", "/"), self._unary)

    def _chain(
        self, kind: type[Sum | Product], signs: tuple[str, ...], read: Callable[[], Node]
    ) -> Node:
        first = read()
        rest = []
        while self._next_is(*signs):
            sign = self._take()
            rest.append((sign, read()))
        return self._made(kind(first, tuple(rest))) if rest else first

    def _unary(self) -> Node:
        if not self._next_is("-"):
            return self._power()
        self._take()
        self._deeper()
        found = self._made(Negative(self._unary()))
        self._depth -= 1
        return found

    def _power(self) -> Node:
        base = self._atom()
        if not self._next_is("**"):
            return base
        self._take()
        self._deeper()
        found = self._made(Power(base, self._unary()))
        self._depth -= 1
        return found

    def _atom(self) -> Node:
        kind, text, where = self._left[self._at]
        if kind == "number":
            self._take()
            return self._made(Number(_value(text, where)))
        if kind == "name":
            self._take()
            return self._named(text, where)
        if self._next_is("("):
            self._take()
            self._deeper()
            found = self._sum()
            self._expect(")", "to close the bracket")
            self._depth -= 1
            return found
        raise self._expected("a number, a name or '('")

    def _named(self, text: str, where: int) -> Node:
        if not is_name(text):
            raise EquationError(
                f"{text[:_SEEN]!r} at character {where + 1} is no name; a name has letters, digits "
                f"and single underscores between them, and at most {NAME_CHARS} characters"
            )
        if self._next_is("("):
            return self._call(text, where)
        if not self._next_is("."):
            return self._made(Name(text))
        if text not in GROUPS:
            raise EquationError(
                f"nothing can follow the dot after {text!r} at character {where + 1}; only "
                f"{', '.join(GROUPS)} have parts{near(text, GROUPS)}"
            )
        self._take()
        kind, part, start = self._left[self._at]
        if kind != "name" or not is_name(part):
            raise EquationError(
                f"expected a name after '{text}.' at character {start + 1}, such as "
                f"'{text}.{'n' if text in ('own', 'links') else 'K'}'"
            )
        self._take()
        return self._made(Name(part, text))

    def _call(self, function: str, where: int) -> Node:
        if function not in FUNCTIONS:
            raise EquationError(
                f"{function!r} at character {where + 1} is no function{near(function, FUNCTIONS)}; "
                f"there are {', '.join(FUNCTIONS)}"
            )
        self._take()
        self._deeper()
        arguments = [self._condition() if function == "where" else self._sum()]
        while self._next_is(","):
            self._take()
            arguments.append(self._sum())
            if len(arguments) > FUNCTIONS[function]:
                break
        if len(arguments) != FUNCTIONS[function]:
            raise EquationError(
                f"{function} at character {where + 1} takes {FUNCTIONS[function]} arguments, got "
                f"{'more' if len(arguments) > FUNCTIONS[function] else len(arguments)}"
            )
        self._expect(")", f"to close {function}(")
        self._depth -= 1
        first = arguments[0]
        if function == "present" and not (isinstance(first, Name) and first.group in SIDES):
            raise EquationError(
                "the first argument of present is a concentration such as outside.Ca; the second "
                "is taken where the membrane has it, the third where it has not"
            )
        return self._made(Call(function, tuple(arguments)))

    def _condition(self) -> Node:
        left = self._sum()
        if not self._next_is(*COMPARISONS):
            raise self._expected(f"a comparison ({', '.join(COMPARISONS)}) as where's condition")
        sign = self._take()
        return self._made(Comparison(sign, left, self._sum()))


def _value(text: str, where: int) -> int | float:
    if len(text) > NUMBER_CHARS:
        raise EquationError(
            f"the number at character {where + 1} has more than {NUMBER_CHARS} characters"
        )
    value = float(text)
    if not math.isfinite(value):
        raise EquationError(f"{text!r} at character {where + 1} is too large for a number")
    return int(text) if text.isdigit() and value <= EXACT else value
