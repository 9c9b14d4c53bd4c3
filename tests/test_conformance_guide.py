"""The guide of the kit lists the checks that there are."""

from __future__ import annotations

import re

from pages import ROOT

from pumpleak.conformance import CHECKS

PAGE = (ROOT / "docs" / "guide" / "check-a-plugin.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_check_by_code_name_and_rule() -> None:
    """As the kit itself has them."""
    listed = re.findall(r"^\| `(C\d{3})` \| (.+?) \| (.+) \|$", PAGE, re.M)

    assert sorted(listed) == [(check.code, check.name, check.says) for check in CHECKS.values()]
