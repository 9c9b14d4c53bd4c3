"""The picture of an audit: power and fluxes, widths in proportion, nothing covered."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from building import membrane
from test_audit import FreeLunch, Importer, PotassiumLeak, SodiumLeak, steady_membrane

import pumpleak as pl
from pumpleak.report._sankey import flux_diagram, power_diagram


@pytest.fixture(scope="module")
def steady() -> pl.Audit:
    importer = Importer(name="nkcc", density="1e-12 mol/s/cm^2")
    return pl.audit(pl.steady(steady_membrane(importer))[0])


def test_in_the_picture_what_enters_a_gradient_leaves_it(steady: pl.Audit) -> None:
    """Gradients and mechanisms take as much as they give, and ATP in is heat out."""
    diagram = power_diagram(steady)
    middle = [
        node
        for key, node in diagram.nodes.items()
        if isinstance(key, tuple) and key[0] in ("gradient", "mechanism")
    ]

    assert len(middle) > 5
    for node in middle:
        assert node.into == pytest.approx(node.out, rel=1e-6, abs=1e-3)
    assert diagram.nodes["ATP"].out == pytest.approx(diagram.nodes["heat"].into, rel=1e-3)
    assert steady.power_in_W * 1e12 == pytest.approx(
        diagram.nodes["ATP"].out * diagram.scale, rel=1e-6
    )


def test_in_the_picture_nothing_overlaps(steady: pl.Audit) -> None:
    """No two bars of a layer share a place, and no ribbon but a returning one skips a layer."""
    for diagram in (power_diagram(steady), flux_diagram(steady)):
        for layer in {node.layer for node in diagram.nodes.values()}:
            piled = sorted(
                (node for node in diagram.nodes.values() if node.layer == layer),
                key=lambda node: node.low,
            )
            for below, above in itertools.pairwise(piled):
                assert below.low + below.size < above.low
        for ribbon in diagram.ribbons:
            across = diagram.nodes[ribbon.target].layer - diagram.nodes[ribbon.source].layer
            assert across <= 1


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_picture_is_written(steady: pl.Audit, tmp_path: Path, suffix: str) -> None:
    """A picture lands where it was asked for, whole, with nothing beside it."""
    where = tmp_path / f"energy.{suffix}"
    steady.sankey(where)

    assert where.stat().st_size > 5000
    assert [where] == list(tmp_path.iterdir())


def test_a_picture_shows_a_clamp_and_power_from_nowhere() -> None:
    """What should not be is drawn too, in a place of its own."""
    cell = membrane(
        SodiumLeak(name="na", density="1 nS"),
        PotassiumLeak(name="k", density="10 nS"),
        FreeLunch(name="lunch", density="1e-11 mol/s/cm^2"),
    )
    found = pl.audit(pl.rest(cell)[0])
    diagram = power_diagram(found)

    assert {"nowhere", "clamp"} <= set(diagram.nodes)
    assert found.sankey().axes
