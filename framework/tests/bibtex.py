"""A strict reader of BibTeX: what it accepts, BibTeX accepts."""

from __future__ import annotations

import re

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.:+-]*")
#: What TeX would read as a command or an argument if no backslash stood before it.
_BARE = re.compile(r"(?<!\\)[$&%#_^~]")
_COMMANDS = re.compile(r"\\([a-zA-Z]+\{\}|[$&%#_])")
_REQUIRED_VERBATIM = ("doi", "url")


def entries(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of every entry by key, the entry's type among them.

    Raises:
        AssertionError: the text is not BibTeX, or TeX would stumble over a field.
    """
    found: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    at = 0
    while (start := text.find("@", at)) >= 0:
        assert text[at:start].isspace() or not at or "\n" in text[at:start], text[at:start]
        match = re.compile(r"@([a-z]+)\{([^,\s]+),\n").match(text, start)
        assert match is not None, f"no entry begins at {text[start : start + 40]!r}"
        kind, key = match[1], match[2]
        assert _KEY.fullmatch(key), key
        assert key.lower() not in seen, f"{key} stands twice"
        seen.add(key.lower())
        fields, at = _fields(text, match.end())
        assert fields, f"{key} is empty"
        found[key] = {"type": kind, **fields}
    return found


def _fields(text: str, at: int) -> tuple[dict[str, str], int]:
    fields: dict[str, str] = {}
    while True:
        match = re.compile(r"  ([a-z]+) = \{").match(text, at)
        assert match is not None, f"no field begins at {text[at : at + 40]!r}"
        value, at = _braced(text, match.end())
        assert match[1] not in fields, match[1]
        _check(match[1], value)
        fields[match[1]] = value
        if text.startswith("\n}", at):
            return fields, at + 2
        assert text.startswith(",\n", at), text[at : at + 40]
        at += 2


def _braced(text: str, start: int) -> tuple[str, int]:
    """Return what stands before the closing brace; BibTeX counts escaped braces too."""
    depth, at = 1, start
    while depth:
        assert at < len(text), "a brace is never closed"
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[start : at - 1], at


def _check(name: str, value: str) -> None:
    assert value.strip(), name
    assert value.isprintable(), value
    if name in _REQUIRED_VERBATIM:
        assert not set(value) & set('{}\\%#" '), value
        return
    assert not _BARE.search(_COMMANDS.sub("", value)), value
    assert "\\" not in _COMMANDS.sub("", value), value


def shown(value: str) -> str:
    """Return a field as TeX prints it."""
    words = {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textless": "<",
        "textgreater": ">",
    }

    def spoken(match: re.Match[str]) -> str:
        said = match[1]
        return words[said[:-2]] if said.endswith("{}") else said

    return _COMMANDS.sub(spoken, value)
