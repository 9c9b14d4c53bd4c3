"""``pumpleak filter``: the energy trade of a selectivity filter, as a table and as a drawing."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ._filter_plot import draw_tables, draw_walks
from ._plugins import _host, _plugin_output_to_stderr, _print_json, _print_table
from ._terminal import Refused, showable, tell, width

if TYPE_CHECKING:
    from ..host import Host
    from ..parts._filter import FieldStep, FilterEnergy, SelectivityFilter
    from ..parts._species import IonSpecies

_BODY_K = 310.15
_MOST_HALF, _LEAST_HALF = 34, 5  # columns on either side of zero
_LEAST_NAME = 6
_BESIDE = 17  # columns that a bar's number and its marks take
_CEILING_RT = 20.0  # a barrier this much higher passes 1 ion in 5e8; bars stop there
_LEAST_RATIO = 1e-9  # digits below this would claim what no model of one site knows

_ENERGIES = (
    "dehydration (kJ/mol)",
    "coordination (kJ/mol)",
    "strain (kJ/mol)",
    "net (kJ/mol)",
    "permeability ratio",
)


@click.command("filter")
@click.argument("name", required=False)
@click.option("--sweep", is_flag=True, help="Walk the site's charge from weak to strong field.")
@click.option(
    "--ions", "chosen", metavar="NAMES", help="Only these, such as K,Na or ions.K,lab.Na."
)
@click.option("--temperature", metavar="QUANTITY", help="Such as '20 degC'; 37 degC if not given.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Draw into a file too; its suffix (png, svg, pdf) says how.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def filter_command(
    context: click.Context,
    name: str | None,
    sweep: bool,
    chosen: str | None,
    temperature: str | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Show what each ion pays and gets in a filter: NAME is a plugin (k2p) or an id (k2p.TVGYG).

    With --sweep and no NAME, a generic stiff oxygen cage is swept.
    """
    with _user_errors():
        kelvin = _kelvin(temperature)
        host = _host(context)
        with _plugin_output_to_stderr():
            sites = {"generic": _generic()} if sweep and name is None else _sites(host, name)
            ions, left_out = _species(host, chosen)
        if sweep:
            walks = {id: site.walk(_attracted(id, site, ions)) for id, site in sites.items()}
            if plot is not None:
                draw_walks(plot, sites, walks, ions)
            _show_walks(sites, walks, as_json)
        else:
            tables = {id: site.energies(ions, kelvin) for id, site in sites.items()}
            if plot is not None:
                draw_tables(plot, tables, kelvin)
            _show_tables(sites, tables, kelvin, left_out, as_json)
    if plot is not None and not as_json:
        tell(f"drawn in {plot}")


@contextlib.contextmanager
def _user_errors() -> Iterator[None]:
    from .._errors import PumpleakError

    try:
        yield
    except (PumpleakError, OSError) as error:
        raise Refused(str(error)) from error


def _kelvin(text: str | None) -> float:
    if text is None:
        return _BODY_K
    # pint is slow to import, and the default needs none
    from ..units._quantity import TEMPERATURE, quantity

    return float(quantity(text, TEMPERATURE).value)


def _generic() -> SelectivityFilter:
    from ..parts._filter import SelectivityFilter

    return SelectivityFilter(
        name="generic",
        site_charge_e=-1.0,
        site_radius_pm=140.0,
        relative_permittivity=3.0,
        shed_fraction=0.4,
        cavity_radius_pm=138.0,
        stiffness_kJ_per_mol_pm2=0.015,
        source="assumed: oxygen's radius, and stiff enough that neighbours in size change places",
        summary="a stiff cage of oxygens",
    )


def _sites(host: Host, name: str | None) -> dict[str, SelectivityFilter]:
    """Return the filters that a plugin's name or an id stands for, by id."""
    from .._errors import PluginError, UnknownNameError, near
    from ..parts._filter import SelectivityFilter

    records = host.records("filters")
    if name is None:
        known = ", ".join(records) or "none; install a plugin that has one, such as pumpleak-k2p"
        raise click.UsageError(f"give a plugin or an id; filters there are: {known}")
    if "." in name:
        wanted = [host.find("filters", name).id]
    else:
        wanted = [id for id, found in records.items() if found.plugin.name == name]
        states = {state.name: state for state in host.plugins()}
        if not wanted and name in states:
            state = states[name]
            loaded = state.state == "loaded"
            raise PluginError(f"{state.title} has no filters" if loaded else state.reason)
        if not wanted:
            # a filter's own name finds the id to type
            own = [id for id, found in records.items() if found.record.name == name]
            hint = f" (did you mean {own[0]!r}?)" if own else near(name, states)
            raise UnknownNameError(
                f"plugin {name!r} is not installed{hint}; filters there are: "
                f"{', '.join(records) or 'none'}"
            )
    made = {id: host.make("filters", id) for id in wanted}
    for id, site in made.items():
        if not isinstance(site, SelectivityFilter):
            raise PluginError(
                f"{id} must be a SelectivityFilter (got {type(site).__name__}); tell its author"
            )
    return cast("dict[str, SelectivityFilter]", made)


def _species(host: Host, chosen: str | None) -> tuple[list[IonSpecies], list[str]]:
    """Return the ions to weigh, and the names of those that lack the data for it."""
    from .._errors import CompositionError, UnknownNameError, near
    from ..membranes._lookup import near_ion

    records = host.records("species")
    by_name: dict[str, list[str]] = {}
    for id, found in records.items():
        by_name.setdefault(found.record.name, []).append(id)
    wanted = list(by_name) if chosen is None else [item.strip() for item in chosen.split(",")]
    ids = []
    for item in wanted:
        several = [item] if item in records else by_name.get(item, [])
        if not several:
            hint = near_ion(item, by_name) or near(item, records)
            raise UnknownNameError(
                f"no plugin supplies an ion {item!r}{hint}; "
                f"there are: {', '.join(records) or 'none; install pumpleak-ions'}"
            )
        if len(several) > 1:
            raise CompositionError(
                f"{item!r} is supplied by {' and '.join(several)}; choose with --ions"
            )
        ids += several
    made = [cast("IonSpecies", host.make("species", id)) for id in ids]
    if chosen is not None:
        return made, []
    able = [ion for ion in made if ion.has_filter_data]
    if not able:
        raise CompositionError(
            "no ion with hydration energy and radius is installed; install pumpleak-ions"
        )
    return able, [ion.name for ion in made if not ion.has_filter_data]


def _attracted(id: str, site: SelectivityFilter, ions: Sequence[IonSpecies]) -> list[IonSpecies]:
    """Return the ions of the smallest charge that the site attracts: those a sweep compares."""
    from .._errors import CompositionError

    caught = [ion for ion in ions if ion.valence * site.site_charge_e < 0]
    least = min((abs(ion.valence) for ion in caught), default=0)
    compared = [ion for ion in caught if abs(ion.valence) == least]
    if len(compared) < 2:
        raise CompositionError(
            f"a sweep of {id} needs two ions of one valence that its charge of "
            f"{site.site_charge_e:+g} e attracts (got {len(compared)}); give others with --ions"
        )
    return compared


def _show_tables(
    sites: Mapping[str, SelectivityFilter],
    tables: Mapping[str, Sequence[FilterEnergy]],
    kelvin: float,
    left_out: Sequence[str],
    as_json: bool,
) -> None:
    if as_json:
        _print_json({"temperature_K": kelvin, "filters": _tables_data(sites, tables)})
        return
    for id, rows in tables.items():
        _print_site(id, sites[id])
        tell("")
        ordered = sorted(rows, key=lambda row: row.net_kJ_per_mol)
        _print_table(
            ("ion", *_ENERGIES),
            [
                (
                    _ion(row),
                    f"{row.dehydration_kJ_per_mol:+.1f}",
                    f"{row.coordination_kJ_per_mol:+.1f}",
                    f"{row.strain_kJ_per_mol:+.1f}",
                    f"{row.net_kJ_per_mol:+.1f}",
                    _ratio(row.permeability_ratio),
                )
                for row in ordered
            ],
            _ENERGIES,
        )
        tell(
            "energy trade: gain ░ to the left; dehydration █, strain ▒ and repulsion ▓ to the right"
        )
        name = max(_LEAST_NAME, *(len(_ion(row)) for row in rows))
        half = min(_MOST_HALF, max(_LEAST_HALF, (width() - name - _BESIDE) // 2))
        _draw(_trade_lines(ordered, name, half))
        tell(f"\nheight above the easiest ion, in RT (> : beyond {_CEILING_RT:g})")
        _draw(_barrier_lines(ordered, name, half))
        tell("")
    if left_out:
        tell(f"left out, without hydration energy or radius: {', '.join(left_out)}")


def _tables_data(
    sites: Mapping[str, SelectivityFilter], tables: Mapping[str, Sequence[FilterEnergy]]
) -> list[dict[str, Any]]:
    import attrs

    return [
        {
            "id": id,
            "site": attrs.asdict(sites[id]),
            "ions": [{**attrs.asdict(row), "net_kJ_per_mol": row.net_kJ_per_mol} for row in rows],
        }
        for id, rows in tables.items()
    ]


def _print_site(id: str, site: SelectivityFilter) -> None:
    tell(f"{id}: {site.summary}", hang=2)
    tell(
        f"  site charge {site.site_charge_e:+g} e at {site.site_radius_pm:g} pm, permittivity "
        f"{site.relative_permittivity:g}, {site.shed_fraction:.3g} of the water shed, "
        f"cavity {site.cavity_radius_pm:g} pm, stiffness {site.stiffness_kJ_per_mol_pm2:g} "
        "kJ/(mol pm^2)"
    )
    tell(f"  source: {site.source}", hang=2)


def _draw(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(showable(line.rstrip()))


def _ion(row: FilterEnergy) -> str:
    size = abs(row.valence) if abs(row.valence) > 1 else ""
    return f"{row.ion}{size}{'+' if row.valence > 0 else '-'}"


def _ratio(ratio: float) -> str:
    text = f"{ratio:.2g}" if ratio >= _LEAST_RATIO else f"< {_LEAST_RATIO:.0e}"
    return text.replace("e-0", "e-")


def _paid(row: FilterEnergy) -> tuple[float, float, float]:
    """Return dehydration, strain and repulsion, kJ/mol."""
    repulsion = max(0.0, row.coordination_kJ_per_mol)
    return row.dehydration_kJ_per_mol, row.strain_kJ_per_mol, repulsion


def _heights_RT(rows: Sequence[FilterEnergy]) -> list[float]:
    best = max(row.permeability_ratio for row in rows)
    ratios = [row.permeability_ratio / best for row in rows]
    return [abs(math.log(ratio)) if ratio > 0 else math.inf for ratio in ratios]


def _trade_lines(rows: Sequence[FilterEnergy], name: int, half: int) -> Iterator[str]:
    """Yield one bar per ion: what it gets to the left of zero, what it pays to the right.

    Args:
        rows: one an ion.
        name: columns of the ions' names.
        half: columns on either side of zero.
    """
    # the ions that come in set the scale; those kept out would flatten all others
    reach = max(
        max(-row.coordination_kJ_per_mol, sum(_paid(row)))
        for row, height in zip(rows, _heights_RT(rows), strict=True)
        if height <= _CEILING_RT
    )
    for row in rows:
        gain = round(half * max(0.0, -row.coordination_kJ_per_mol) / reach)
        left = "<" + "░" * (half - 1) if gain > half else "░" * gain
        right, total = "", 0.0
        for glyph, energy in zip("█▒▓", _paid(row), strict=True):
            total += energy
            # grown to the running total, so that rounding does not shift the end of the bar
            right += glyph * (round(half * total / reach) - len(right))
        if len(right) > half:
            right = right[: half - 1] + ">"
        yield f"  {_ion(row):>{name}} {left:>{half}}│{right:<{half}} {row.net_kJ_per_mol:+8.1f} net"
    yield f"  {'':{name}} {-reach:<+{half}.0f}0{reach:>+{half}.0f} kJ/mol"


def _barrier_lines(rows: Sequence[FilterEnergy], name: int, half: int) -> Iterator[str]:
    """Yield one bar per ion: how far it stands above the easiest, in RT."""
    for row, height in zip(rows, _heights_RT(rows), strict=True):
        bar = "█" * round(2 * half * min(height, _CEILING_RT) / _CEILING_RT)
        mark = ">" if height > _CEILING_RT else ""
        yield f"  {_ion(row):>{name}} │{bar}{mark} {height:.1f}"


def _show_walks(
    sites: Mapping[str, SelectivityFilter],
    walks: Mapping[str, Sequence[FieldStep]],
    as_json: bool,
) -> None:
    if as_json:
        data = [
            {
                "id": id,
                "steps": [
                    {
                        "charge_from_e": step.charge_from_e,
                        # JSON has no infinity; the last stretch has no end
                        "charge_to_e": (
                            step.charge_to_e if math.isfinite(step.charge_to_e) else None
                        ),
                        "order": step.order,
                    }
                    for step in steps
                ],
            }
            for id, steps in walks.items()
        ]
        _print_json({"walks": data})
        return
    for id, steps in walks.items():
        _print_site(id, sites[id])
        tell("  swept in charge, all else held; at each step two ions change places")
        tell("")
        here = sites[id].site_charge_e
        rows = []
        for number, step in enumerate(steps, 1):
            low, high = abs(step.charge_from_e), abs(step.charge_to_e)
            mark = "<- here" if low <= abs(here) < high else ""
            upper = "on" if math.isinf(high) else f"{step.charge_to_e:+.3f}"
            rows.append(
                (_roman(number), f"{step.charge_from_e:+.3f}", upper, " > ".join(step.order), mark)
            )
        _print_table(("step", "from (e)", "to (e)", "order", ""), rows, ("from (e)", "to (e)"))


def _roman(number: int) -> str:
    text = ""
    for value, letters in (
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        while number >= value:
            text += letters
            number -= value
    return text
