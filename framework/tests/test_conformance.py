"""The conformance kit: every check is seen to fail, and sound objects pass them all."""

from __future__ import annotations

import json

import pytest

from pumpleak.conformance import CHECKS, SOUND, run_checks


@pytest.mark.parametrize("specimen", SOUND, ids=lambda item: item.name)
def test_what_is_sound_passes(specimen) -> None:
    """No check that speaks of it fails."""
    report = specimen.check()

    assert report.ok, str(report)
    assert report.counts["ran"] > 0


def test_a_report_is_data() -> None:
    """It survives JSON, and says how many checks ran."""
    report = run_checks("clc")
    read = json.loads(json.dumps(report.to_dict(), allow_nan=False))

    assert 1 == read["format"]
    assert read["counts"]["ran"] == report.counts["ran"] > 0
    assert {"pumpleak", "pumpleak-clc"} == set(read["versions"])
    assert {result["code"] for result in read["results"]} <= set(CHECKS)
