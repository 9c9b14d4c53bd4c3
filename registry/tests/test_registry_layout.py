"""layout.py: paths that cannot lead out, and records that are read strictly."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpleak_registry import layout
from pumpleak_registry._errors import RecordError

HASH = "0" * 64
TIME = "2026-01-31T12:00:00Z"


def a_release(**changes):
    release = layout.Release(
        name="Pumpleak_Foo",
        kind="distribution",
        version="1.0",
        summary="A leak channel",
        license="MIT",
        files=(
            layout.ReleaseFile(
                path="labs/lab-a/pumpleak-foo/pumpleak_foo-1.0-py3-none-any.whl",
                sha256=HASH,
                size=3,
            ),
        ),
        requires_python=">=3.11",
        requires=("pumpleak>=0.1,<0.2",),
        provides=("foo.leak",),
        uploaded=TIME,
        yanked=None,
        report=None,
    )
    return attrs.evolve(release, **changes)


def a_row(**changes):
    row = layout.CatalogueRow(
        name="pumpleak-foo",
        lab="lab-a",
        kind="distribution",
        makes=("channel",),
        version="1.0",
        summary="A leak channel",
        license="MIT",
        ions=("K",),
        provides=("foo.leak",),
        uploaded=TIME,
        yanked=False,
        runs=True,
        reproduces=None,
        checked=TIME,
    )
    return attrs.evolve(row, **changes)


RECORDS = {
    "lab index": layout.LabIndex(lab="lab-a", releases=(a_release(),)),
    "names": layout.Names(names={"pumpleak-foo": "lab-a"}),
    "catalogue": layout.Catalogue(projects=(a_row(),)),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_is_read_back_as_it_was_written(record):
    """Writing and reading give the same record, and the file says its format."""
    text = layout.to_json(record)

    assert layout.from_json(type(record), text) == record
    assert json.loads(text)["format"] == 1


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("form", [2, "1", None, True, 1.5])
def test_an_unknown_format_is_refused(record, form):
    """A file of another format is not guessed at."""
    data = record.to_dict() | {"format": form}

    with pytest.raises(RecordError, match="has format"):
        type(record).from_dict(data)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_unknown_and_missing_fields_are_refused(record):
    """A field too many and a field too few are both named."""
    data = record.to_dict()

    with pytest.raises(RecordError, match="unknown field 'extra'"):
        type(record).from_dict(data | {"extra": 1})
    name = next(iter(data.keys() - {"format"}))
    data.pop(name)
    with pytest.raises(RecordError, match=f"no field '{name}'"):
        type(record).from_dict(data)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"format": NaN}', "null"])
def test_what_is_not_such_json_is_refused_without_a_traceback(text):
    """Damaged and hostile text gives one error of our own."""
    with pytest.raises(RecordError):
        layout.from_json(layout.Names, text)


def test_a_key_that_stands_twice_is_refused():
    """Two owners of one name, one of which a lenient reader would hide."""
    text = '{"format": 1, "names": {"pumpleak-foo": "lab-a", "pumpleak-foo": "lab-b"}}'

    with pytest.raises(RecordError, match="twice"):
        layout.from_json(layout.Names, text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "one"),
        ("version", 1),
        ("kind", "sdist"),
        ("summary", None),
        ("requires", "pumpleak"),
        ("provides", ["leak"]),
        ("provides", ["a.b.c"]),
        ("uploaded", "yesterday"),
        ("uploaded", "2026-13-01T00:00:00Z"),
        ("yanked", True),
        ("report", "labs/../../etc/passwd"),
        ("files", []),
        ("name", "../foo"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(field, value):
    """Each field of a release is checked."""
    data = a_release().to_dict() | {field: value}

    with pytest.raises(RecordError):
        layout.Release.from_dict(data)


@pytest.mark.parametrize(
    "path",
    [
        "labs/lab-a/pumpleak-foo/../x.whl",
        "/labs/lab-a/pumpleak-foo/x.whl",
        "labs/lab-a/Pumpleak_Foo/x.whl",
        "labs/LAB/pumpleak-foo/x.whl",
        "labs/lab-a/pumpleak-foo/.x.whl",
        "labs/lab-a/pumpleak-foo/x\\y.whl",
        "labs/lab-a/pumpleak-foo/x%2fy.whl",
        "labs/lab-a/pumpleak-foo/x\n.whl",
        "labs/lab-a/pumpleak-foo/deep/x.whl",
        "labs/lab-a/x.whl",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(path):
    """Only labs/LAB/PROJECT/FILE of plain names is a path."""
    with pytest.raises(RecordError):
        layout.ReleaseFile(path=path, sha256=HASH, size=1)


@given(st.text(), st.text(), st.text())
def test_no_text_makes_a_path_out_of_the_labs_folder(lab, project, name):
    """Whatever the names are, a path has four plain parts or is refused."""
    try:
        path = layout.release_file(lab, project, name)
    except RecordError:
        return

    parts = path.split("/")
    assert len(parts) == 4
    assert parts[0] == "labs"
    assert not {"", ".", ".."} & set(parts)
    assert path.isascii()


def test_a_lab_index_holds_only_files_of_its_own_folder():
    """A correctly signed list cannot point into another lab's folder."""
    other = layout.ReleaseFile(path="labs/lab-b/pumpleak-foo/x-1.0.whl", sha256=HASH, size=1)

    with pytest.raises(RecordError, match="outside of labs/lab-a/pumpleak-foo/"):
        layout.LabIndex(lab="lab-a", releases=(a_release(files=(other,)),))


def test_one_version_stands_once():
    """The same version of the same project under another spelling is the same."""
    again = a_release(name="pumpleak.foo")

    with pytest.raises(RecordError, match="stands twice"):
        layout.LabIndex(lab="lab-a", releases=(a_release(), again))


def test_names_are_compared_as_package_indexes_do():
    """Spelling does not make another name, and a card's identity is a name too."""
    names = layout.Names(names={"lab-a-leak": "lab-a"})

    assert names.owner("Lab_A.leak") == "lab-a"
    assert names.owner("other") is None


def test_the_paths_of_a_lab_reach_its_own_files_and_no_others():
    """The delegation's patterns, matched segment by segment as TUF does."""
    from tuf.api.metadata import DelegatedRole

    role = DelegatedRole("lab-a", ["00"], 1, True, layout.lab_paths("lab-a"))

    assert role.is_delegated_path(layout.lab_index("lab-a"))
    assert role.is_delegated_path(layout.release_file("lab-a", "foo", "foo-1.whl"))
    assert not role.is_delegated_path(layout.lab_index("lab-ab"))
    assert not role.is_delegated_path(layout.NAMES)
    assert not role.is_delegated_path(layout.CATALOGUE)
