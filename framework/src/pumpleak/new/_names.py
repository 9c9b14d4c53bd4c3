"""What a new distribution may be called: every value is checked before anything is written."""

from __future__ import annotations

import importlib.util
import keyword
import re
from importlib import metadata

from .._errors import PluginError, near
from ..host import default_host

KINDS = ("channel", "transporter", "ion", "solver")
LONGEST = 40

_PLUGIN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_THING = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")

#: Names of pumpleak's own distributions and words, and device names that some systems reserve.
_TAKEN = (
    {"pumpleak", "registry", "conformance", "cards", "host", "cli", "plugin", "plugins", "test"}
    | {"tests", "channel", "transporter", "ion", "ions", "solver", "mechanism"}
    | {"con", "prn", "aux", "nul"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)}
)

#: What the templates' modules import or define beside the thing itself.
_IN_USE = (
    {"Any", "ClassVar", "Mapping", "Claims", "ReferencePoint", "LocalState", "parameter"}
    | {"GHK", "Channel", "Transporter", "IonSpecies", "Solution", "math", "bath", "WATER"}
    | {"born_kJ_per_mol", "ELEMENTARY_CHARGE_C", "AVOGADRO_PER_MOL", "VACUUM_F_PER_M"}
    | {"np", "brentq", "ClampedProblem", "Equilibria", "RestingState", "STEP_MV", "result"}
    | {"int", "float", "str", "tuple", "len", "sorted"}
)


def checked_kind(kind: str) -> str:
    """Return what is to be made, if there is a template for it."""
    if kind not in KINDS:
        raise PluginError(
            f"there is no template for {kind!r:.60}{near(kind, KINDS)}; pumpleak new makes a "
            f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
        )
    return kind


def distribution_of(name: str) -> str:
    """Return the distribution that supplies a plugin, by its name."""
    return f"pumpleak-{name.replace('_', '-')}"


def checked_name(name: str) -> str:
    """Return a plugin's name, if a new plugin may have it.

    Raises:
        PluginError: it is no name, or is taken.
    """
    if not _PLUGIN.fullmatch(name) or len(name) > LONGEST:
        tame = re.sub(r"[^a-z0-9]+", "_", name.lower()).lstrip("_0123456789")[:LONGEST].strip("_")
        hint = f", such as {tame!r}" if _PLUGIN.fullmatch(tame) else ""
        raise PluginError(
            f"{name!r:.60} cannot be a plugin's name; take small letters, digits and single "
            f"underscores, a letter first, {LONGEST} at most{hint}"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise PluginError(f"{name!r} is a word of Python itself; take another name")
    if name in _TAKEN:
        raise PluginError(f"{name!r} is reserved; take a name that says what is in the plugin")
    package, distribution = f"pumpleak_{name}", distribution_of(name)
    for state in default_host().plugins():
        if _same(state.name, name) or _same(state.distribution, distribution):
            raise PluginError(
                f"{name!r} is taken: {state.distribution} {state.version} supplies plugin "
                f"{state.name!r}, and two of one name could not be used together; take another name"
            )
    if importlib.util.find_spec(package) is not None or _installed(distribution):
        raise PluginError(
            f"{name!r} is taken: a package {package!r} is installed already; take another name"
        )
    return name


def checked_called(called: str | None, kind: str, name: str) -> str:
    """Return the thing's own name; by default the plugin's, as a class is written."""
    if called is None:
        words = name.split("_")
        called = name if kind == "solver" else "".join(word.capitalize() for word in words)
    if not _THING.fullmatch(called) or len(called) > LONGEST or keyword.iskeyword(called):
        raise PluginError(
            f"{called!r:.60} cannot be the name of a {kind}; take letters, digits and underscores, "
            f"a letter first, {LONGEST} at most, such as 'TREK1'"
        )
    if called in _IN_USE:
        raise PluginError(
            f"{called!r} has a meaning of its own in the files to be made; call the {kind} "
            "something else (--called)"
        )
    if kind == "ion":
        _check_ion_is_new(called)
    return called


def checked_line(text: str, what: str) -> str:
    """Return a line of text that can stand between quotes in every file of the template."""
    text = text.strip()
    if not text or len(text) > 200 or not text.isprintable() or set(text) & set('"\\'):
        raise PluginError(
            f"{what} must be one line of text without quotes and backslashes (got {text!r:.60})"
        )
    return text


def checked_lab(lab: str) -> str:
    """Return a lab's name, as registries write it; empty is none."""
    if lab and (not _LAB.fullmatch(lab) or len(lab) > LONGEST):
        raise PluginError(
            f"{lab!r:.60} cannot be a lab's name; take small letters, digits and single hyphens, "
            "such as 'lab-a'"
        )
    return lab


def checked_orcid(orcid: str) -> str:
    """Return an ORCID whose check digit is right; empty is none."""
    if not orcid:
        return orcid
    if _ORCID.fullmatch(orcid):
        total = 0
        for digit in orcid.replace("-", "")[:-1]:
            total = (total + int(digit)) * 2
        if "0123456789X"[(12 - total % 11) % 11] == orcid[-1]:
            return orcid
    raise PluginError(
        f"{orcid!r:.60} is no ORCID; it has four groups of four, such as '0000-0002-1825-0097', "
        "and a last digit that checks the others"
    )


def _check_ion_is_new(called: str) -> None:
    for identity, loaded in default_host().records("species").items():
        if loaded.record.name == called:
            raise PluginError(
                f"the ion {called!r} is supplied by {identity} of {loaded.plugin.distribution}, "
                "and one ion with two meanings could not be used; call it something else (--called)"
            )


def _same(one: str, other: str) -> bool:
    return re.sub(r"[-_.]+", "-", one).lower() == re.sub(r"[-_.]+", "-", other).lower()


def _installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
