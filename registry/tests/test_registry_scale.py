"""Ten thousand plugins in an index: publishing one more, and finding one as a person."""

from __future__ import annotations

import os
import time

import pytest
from test_registry_people import Watched, browser
from tuf.api.metadata import TargetFile, Targets
from wheelwright import View, make_wheel, quick

from pumpleak_registry import layout
from pumpleak_registry.keys import make_key
from pumpleak_registry.repository import Repository

#: How many projects the index has; fewer are quicker to try.
COUNT = int(os.environ.get("PUMPLEAK_REGISTRY_PLUGINS", "10000"))
LABS = 100
TIME = "2026-01-31T12:00:00Z"

__all__ = ["browser"]  # the fixture


def a_release(lab, number):
    name = f"pumpleak-p{number}"
    file = f"pumpleak_p{number}-1.0-py3-none-any.whl"
    path = layout.release_file(lab, name, file)
    return layout.Release(
        name=name,
        kind="distribution",
        version="1.0",
        summary=f"Leak channel number {number} of cortical neurons",
        license="MIT",
        files=(layout.ReleaseFile(path=path, sha256=f"{number:064x}", size=1000),),
        requires_python=">=3.11",
        requires=("pumpleak>=0.1,<0.2",),
        provides=(f"p{number}.leak",),
        uploaded=TIME,
        yanked=None,
        report=layout.release_file(lab, name, layout.report_name(file)),
    )


def a_row(lab, release):
    return layout.CatalogueRow(
        name=release.name,
        lab=lab,
        kind=release.kind,
        makes=("channel",),
        version=release.version,
        summary=release.summary,
        license=release.license,
        ions=("K", "Na"),
        provides=release.provides,
        uploaded=TIME,
        yanked=False,
        runs=True,
        reproduces=True,
        checked=TIME,
    )


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A registry whose signed lists hold that many projects; their wheels are not written."""
    place = tmp_path_factory.mktemp("crowd")
    repository, _ = Repository.create(place / "registry", keys=[place / "keys"])
    key = make_key(place / "keys", "labs")
    with repository._changing() as signing:
        rows = []
        for number in range(LABS):
            lab = f"lab-{number:03}"
            role = layout.lab_role(lab)
            releases = [a_release(lab, n) for n in range(number, COUNT, LABS)]
            signing.delegate(role, key, layout.lab_paths(lab))
            for release in releases:
                for path in (release.payload.path, release.report):
                    target = TargetFile.from_data(path, path.encode(), ["sha256"])
                    signing.role(role).targets[path] = target
            index = layout.LabIndex(lab=lab, releases=tuple(releases))
            signing.put(role, layout.lab_index(lab), layout.to_json(index))
            rows += [a_row(lab, release) for release in releases]
        names = layout.Names(names={row.project: row.lab for row in rows})
        signing.put(Targets.type, layout.NAMES, layout.to_json(names))
        catalogue = layout.Catalogue(projects=tuple(sorted(rows, key=lambda row: row.project)))
        signing.put(layout.CATALOGUE_ROLE, layout.CATALOGUE, layout.to_json(catalogue))
    return place


def written(folder):
    """Return every file of a folder with when it was written."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {(str(path), path.stat().st_mtime_ns) for path in files}


@pytest.mark.slow
def test_publishing_one_more_writes_what_it_changes_and_no_more(crowd, record_property):
    """Pages and lists of the other projects stay as they are; how long it takes is told."""
    repository = Repository(crowd / "registry", [crowd / "keys"])
    wheel = make_wheel(crowd, "pumpleak-more", plugin="more")
    before = written(crowd / "registry")
    begun = time.perf_counter()
    repository.admit(wheel, "lab-007", examine=quick)
    admitted = time.perf_counter()
    repository.publish(wheel, "lab-007")
    done = time.perf_counter()

    print(f"admit {admitted - begun:.2f} s, publish {done - admitted:.2f} s beside {COUNT}")
    record_property("publish_s", done - admitted)
    changed = written(crowd / "registry") - before
    assert 0 < len(changed) < 40, sorted(path for path, _ in changed)
    seen = layout.from_json(
        layout.Catalogue, View(crowd / "registry", crowd / "trust").read(layout.CATALOGUE)
    )
    assert len(seen.projects) == COUNT + 1
    assert ">pumpleak-more</a>" in (crowd / "registry" / "simple" / "index.html").read_text()


@pytest.mark.slow
def test_a_person_finds_one_of_them_without_waiting(crowd, browser):
    """Whatever is typed, no more is drawn than a hundred; how long it takes is told."""
    repository = Repository(crowd / "registry", [crowd / "keys"])
    wheel = make_wheel(crowd, "pumpleak-found", plugin="found")
    repository.admit(wheel, "lab-008", examine=quick)
    repository.publish(wheel, "lab-008")
    watched = Watched(browser, viewport={"width": 1100, "height": 900})
    page = watched.page
    page.goto(f"file://{crowd}/registry/people/index.html")
    assert len(watched.rows()) == 100
    page.get_by_role("button", name="Show more").click()
    assert len(watched.rows()) == 200

    answered = page.evaluate(
        """() => {
          const box = document.getElementById("words");
          const once = (text) => {
            const begun = performance.now();
            box.value = text;
            box.dispatchEvent(new Event("input", {bubbles: true}));
            document.body.offsetHeight;  // laid out, as a person would see it
            return [performance.now() - begun, document.querySelectorAll("#found tbody tr").length];
          };
          return ["p", "pu", "pumpleak-found", "cortical", ""].map(
            (text) => once(text));
        }"""
    )
    print("answered in ms:", [round(took) for took, _ in answered])
    assert max(rows for _, rows in answered) == 100
    page.get_by_label("Search").fill("pumpleak-found")
    assert watched.rows() == ["pumpleak-found"]
    assert watched.errors == []
    watched.context.close()
