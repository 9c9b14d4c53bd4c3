"""The version check: what it must refuse, what it must pass."""

from __future__ import annotations

import pytest

from pumpleak.host._versions import judge


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("pumpleak>=9", "0.1.0"),
        ("pumpleak>=0.2,<0.3", "0.1.9"),
        ("pumpleak>=0.1,<0.2", "0.2.0"),
        ("pumpleak>=0.1,<0.2", "0.2.0.dev3"),
        ("pumpleak>=0.1,<0.2", "0.2.0rc1"),
        ("pumpleak>=0.2,<0.3", "0.1.0.dev1"),
        ("pumpleak>=1.2,<2", "1.1.5"),
        ("pumpleak>=1.2,<2", "2.0"),
        ("pumpleak!=0.1.0,>=0.1", "0.1.0"),
        ("PumpLeak (>=9)", "0.1.0"),
        ("pumpleak[fast]>=9", "0.1.0"),
        ("pumpleak~=1.4", "2.0"),
        ("pumpleak>=0.2,!=0.2.0.dev3", "0.2.0.dev3"),
        ("pumpleak>=0.2.1", "0.2.0rc1"),
    ],
)
def test_judge_refuses(requirement: str, version: str) -> None:
    """A host outside the declared range is refused, in each of major, minor and bound."""
    assert not judge([requirement], version).compatible


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("pumpleak>=0.1,<0.2", "0.1.0"),
        ("pumpleak>=0.1,<0.2", "0.1.99"),
        ("pumpleak>=0.1,<0.2", "0.1.1.dev4"),
        ("pumpleak>=0.1,<0.2", "0.1.0.dev4"),
        ("pumpleak>=0.1,<0.2", "0.1.0rc1"),
        ("pumpleak>=0.1,<0.2", "0.1.3+g12ab"),
        ("pumpleak>=0.1,<0.2", "0.1.0.post1"),
        ("pumpleak>=0.1.0.post1,<0.2", "0.1.0.post1"),
        ("pumpleak>=0.1.0rc1,<=0.1.0rc3", "0.1.0rc2"),
        ("pumpleak>=1.2,<2", "1.10"),
        ("pumpleak", "7"),
        ("pumpleak-k2p>=9", "0.1.0"),
        ("pumpleak_k2p>=9", "0.1.0"),
        ("pumpleakage>=9", "0.1.0"),
        ("pumpleak>=9; extra == 'future'", "0.1.0"),
        ("pumpleak>=9; python_version < '3'", "0.1.0"),
    ],
)
def test_judge_passes(requirement: str, version: str) -> None:
    """A host inside the range passes, and so does what is not about this host."""
    verdict = judge([requirement], version)

    assert verdict.compatible
    assert verdict.error is None


def test_judge_takes_all_requirements_together() -> None:
    """Two lines about pumpleak both count."""
    for lines in (
        ["pumpleak>=0.1", "numpy", "pumpleak<0.1.5"],
        ["pumpleak<0.1.5", "pumpleak>=0.1"],
    ):
        assert not judge(lines, "0.1.7").compatible
        assert judge(lines, "0.1.4").compatible


def test_judge_says_what_is_asked() -> None:
    """The requirement comes back as text, lower bound first."""
    assert "pumpleak>=0.1,<0.2" == judge(["pumpleak<0.2,>=0.1"], "0.1").requires
    assert "" == judge(["numpy"], "0.1").requires


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("numpy", "does not say which versions"),
        ("pumpleak", "does not say which versions"),
        ("pumpleak>=0.1", "at which it stops working"),
        ("pumpleak<0.2", "no lowest version"),
    ],
)
def test_judge_warns_of_open_ends(requirement: str, said: str) -> None:
    """A missing bound is a warning and no refusal."""
    verdict = judge([requirement], "0.1.0")

    assert verdict.compatible
    assert 1 == len(verdict.warnings)
    assert said in verdict.warnings[0]


@pytest.mark.parametrize("requirement", ["pumpleak>=0.1,<0.2", "pumpleak~=0.1", "pumpleak==0.1"])
def test_judge_is_content_with_a_closed_range(requirement: str) -> None:
    """A range with both ends gives no warning."""
    assert () == judge([requirement], "0.1").warnings


def test_judge_reports_what_it_cannot_read() -> None:
    """An unreadable requirement, or host version, is an error and not a pass in silence."""
    assert "pumpleak >== 1" in (judge(["pumpleak >== 1"], "0.1").error or "")
    assert "nonsense" in (judge(["pumpleak>=1"], "nonsense").error or "")


def test_judge_without_host_version_warns() -> None:
    """If the host's version is unknown, the check is not made, and that is said."""
    verdict = judge(["pumpleak>=9,<10"], None)

    assert verdict.compatible
    assert "was not checked" in verdict.warnings[0]
