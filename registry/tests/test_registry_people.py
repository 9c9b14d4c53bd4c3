"""The catalogue for people, looked at in a real browser, from a folder and from a server."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from pathlib import Path

import attrs
import pytest
from wheelwright import make_wheel

from pumpleak_registry._figure import iv_curve
from pumpleak_registry.findings import Findings
from pumpleak_registry.people._sheet import plain
from pumpleak_registry.report import Problem
from pumpleak_registry.repository import Repository

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "<script>globalThis.hacked = 1</script><img src=x onerror='globalThis.hacked = 2'>"
CURVE = {
    "id": "foo.leak",
    "curve": {
        "V_mV": [-100.0, 0.0, 50.0],
        "currents_pA": {"K": [-5.0, 95.0, 145.0]},
        "density": "1000 channels",
    },
}


def with_sheet(text="A leak that is always open.", **changes):
    """An admission that finds a channel with a figure and a sheet, and says `text` everywhere."""

    def look(artifact, registry):
        [plugin] = artifact.plugins
        id = f"{plugin}.leak"
        found = Findings(
            runs=True,
            provides=(id,),
            makes=("channel",),
            ions=("K",),
            checks={
                "runs": [
                    {
                        "results": [
                            {"object": id, "code": "C001", "check": "it can be had",
                             "outcome": "passed", "message": text},
                            {"object": id, "code": "C010", "check": "reference points reproduced",
                             "outcome": "failed", "message": text},
                        ]
                    }
                ]
            },
            sheet={
                "authors": [text],
                "urls": {"DOI": "https://doi.org/10.1085/jgp.1", "Bad": "javascript:hacked=3"},
                "objects": [
                    {
                        "id": id, "kind": "channel", "summary": text, "ions": ["K"], "doc": text,
                        "references": [f"Hille 2001. {text}"], "biology": {"gene": text},
                        "bibtex": "@book{hille2001, note = {" + text + "}}",
                        "figure": 1,
                        "parameters": [
                            {"name": "unitary", "value": "10 pS", "source": text,
                             "basis": "assumed", "doc": text}
                        ],
                    }
                ],
            },
            drawings=(iv_curve(CURVE | {"id": text}),),
        )  # fmt: skip
        return attrs.evolve(found, **changes)

    return look


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Three projects: a plain one, one that met its reference points, and one that means harm."""
    place = tmp_path_factory.mktemp("people")
    repository, _ = Repository.create(place / "registry", keys=[place / "keys"])
    repository.add_lab("lab-a")
    repository.add_lab("lab-b")
    for lab, name, summary, look in (
        ("lab-a", "foo", "A leak channel", with_sheet()),
        ("lab-a", "bar", "A pump", with_sheet(reproduces=True, makes=("pump",), ions=("Na", "K"))),
        ("lab-b", "evil", HOSTILE, with_sheet(
            HOSTILE, problems=(Problem(code="A205", cause=HOSTILE, fix=HOSTILE),))),
    ):  # fmt: skip
        wheel = make_wheel(place, f"pumpleak-{name}", plugin=name, summary=summary)
        repository.admit(wheel, lab, examine=look)
        repository.publish(wheel, lab)
    newer = make_wheel(place, "pumpleak-foo", "2.0", summary="A leak channel, mended")
    repository.admit(newer, "lab-a", examine=with_sheet())
    repository.publish(newer, "lab-a")
    repository.yank("pumpleak-foo", "1.0", "wrong sign of the current")
    return repository.folder


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, driven by playwright; it must be there where PUMPLEAK_BROWSER says so."""
    if not CHROMIUM.exists():
        if os.environ.get("PUMPLEAK_BROWSER") == "required":
            pytest.fail(f"{CHROMIUM} is missing; install Debian's package chromium")
        pytest.skip(f"looking at pages needs {CHROMIUM}; install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


class Watched:
    """A page, with what went wrong on it and what it asked for."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _hear(self, message):
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def rows(self):
        """The names found, in order."""
        return self.page.locator("#found tbody tr th a").all_inner_texts()


@pytest.fixture
def watched(browser):
    made = Watched(browser, viewport={"width": 1100, "height": 900})
    yield made
    made.context.close()
    assert made.errors == []


@pytest.fixture(params=["folder", "server"])
def address(request, registry):
    """The catalogue's address, opened from a folder or from a web server on loopback."""
    if request.param == "folder":
        yield f"file://{registry}/people/index.html"
        return
    handler = functools.partial(QuietHandler, directory=str(registry))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/people/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


def test_a_page_says_what_a_release_needs_and_what_became_of_it(tmp_path):
    """Needs without extras; a yanked release is not offered; backticks are code."""
    repository, _ = Repository.create(tmp_path / "registry", keys=[tmp_path / "keys"])
    repository.add_lab("lab-a")
    requires = ("numpy>=1", "scipy", "pytest>=8; extra == 'test'")
    wheel = make_wheel(tmp_path, "pumpleak-foo", plugin="foo", requires=requires)
    repository.admit(wheel, "lab-a", examine=with_sheet("Opens\nwith `V`."))
    repository.publish(wheel, "lab-a")
    page = repository.folder / "people" / "pumpleak-foo" / "index.html"
    before = page.read_text()
    repository.yank("pumpleak-foo", "1.0", "wrong sign")

    assert "<code>numpy&gt;=1</code>, <code>scipy</code>" in before
    assert "pytest" not in before
    assert "Opens with <code>V</code>." in before
    assert "pumpleak get pumpleak-foo" in before
    assert "pumpleak get pumpleak-foo" not in page.read_text()


def test_searching_and_filtering_find_what_is_there(address, watched):
    """Words, filters and their combination, with the count told to screen readers."""
    page = watched.page
    page.goto(address)
    everything = ["pumpleak-bar", "pumpleak-evil", "pumpleak-foo"]
    assert watched.rows() == everything
    assert page.get_by_role("status").inner_text() == "3 of 3"

    page.get_by_label("Search").fill("LEAK foo")
    assert watched.rows() == ["pumpleak-foo"]
    page.get_by_label("Search").fill("nothing like it")
    assert watched.rows() == []
    assert "Nothing found among 3" in page.get_by_role("status").inner_text()

    page.get_by_label("Search").fill("")
    page.get_by_label("Ion").select_option("Na")
    assert watched.rows() == ["pumpleak-bar"]
    page.get_by_label("Ion").select_option("")
    page.get_by_label("Lab").select_option("lab-b")
    assert watched.rows() == ["pumpleak-evil"]
    page.get_by_label("Lab").select_option("lab-a")
    page.get_by_label("Checks").select_option("reproduces")
    assert watched.rows() == ["pumpleak-bar"]

    # the address tells the search, so that it can be handed on
    page.reload()
    assert watched.rows() == ["pumpleak-bar"]
    assert page.get_by_label("Lab").input_value() == "lab-a"


def test_a_sheet_shows_figure_citation_and_report_with_its_age(address, watched):
    """What a reader needs to judge a channel, on one page."""
    page = watched.page
    page.goto(address)
    page.get_by_role("link", name="pumpleak-foo").click()

    assert page.get_by_role("heading", level=1).inner_text() == "pumpleak-foo 2.0"
    figure = page.locator("figure img")
    figure.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    assert "zero at -95 mV" in figure.get_attribute("alt")
    assert page.get_by_text("pumpleak get pumpleak-foo==2.0").is_visible()
    assert page.get_by_text("Hille 2001.").is_visible()
    report = page.get_by_role("region", name="Conformance report")
    assert "today" in report.inner_text()
    assert "✓ yes" in report.inner_text()
    page.get_by_text("BibTeX").click()
    assert page.get_by_text("@book{hille2001").is_visible()
    page.get_by_text("1 failed, 1 passed").click()
    assert page.get_by_role("cell", name="reference points reproduced").is_visible()
    assert page.get_by_role("cell", name="yanked: wrong sign of the current").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="pumpleak_foo-2.0-py3-none-any.whl").click()
    assert download.value.suggested_filename == "pumpleak_foo-2.0-py3-none-any.whl"


def test_nothing_in_a_plugins_metadata_becomes_part_of_a_page(address, watched):
    """Scripts and tags in every text of a plugin are shown as text, on all pages."""
    page = watched.page
    base = address.rpartition("/")[0]
    for path in ("index.html", "all.html", "pumpleak-evil/index.html"):
        page.goto(f"{base}/{path}")
        assert page.get_by_text("<script>globalThis.hacked").first.is_visible(), path
        assert page.evaluate("globalThis.hacked") is None
        assert page.locator("img[src='x'], img[onerror]").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0


def test_pages_ask_for_nothing_from_elsewhere(address, watched):
    """Scripts, styles, figures: all are files of the registry."""
    base = address.rpartition("/people/")[0]
    for path in ("people/index.html", "people/pumpleak-foo/index.html"):
        watched.page.goto(f"{base}/{path}")

    assert len(watched.requests) >= 5
    assert [url for url in watched.requests if not url.startswith(base)] == []


def test_the_catalogue_can_be_used_with_the_keyboard_and_on_a_phone(registry, browser):
    """The skip link, the search box and a result are reached by Tab; nothing is cut off."""
    watched = Watched(browser, viewport={"width": 390, "height": 800})
    page = watched.page
    page.goto(f"file://{registry}/people/index.html")
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
    assert reached[0] == "Skip to the content"
    assert reached[2:8] == ["words", "makes", "ion", "lab", "form", "state"]
    assert reached[8] == "pumpleak-bar"

    for path in ("index.html", "pumpleak-evil/index.html", "all.html"):
        page.goto(f"file://{registry}/people/{path}")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, path
    assert watched.errors == []
    watched.context.close()


def test_without_scripts_the_whole_list_is_one_link_away(registry, browser):
    """A browser that runs no scripts still finds every sheet."""
    watched = Watched(browser, java_script_enabled=False)
    watched.page.goto(f"file://{registry}/people/index.html")
    watched.page.get_by_role("link", name="The whole list on one page").click()
    watched.page.get_by_role("link", name="pumpleak-bar").click()

    assert watched.page.get_by_role("heading", level=1).inner_text() == "pumpleak-bar 1.0"
    watched.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_background(registry, browser, scheme):
    """WCAG's 4.5 to 1, for every text of the search page and a sheet."""
    watched = Watched(browser, color_scheme=scheme)
    for path in ("index.html", "pumpleak-foo/index.html"):
        watched.page.goto(f"file://{registry}/people/{path}")
        low = watched.page.evaluate(CONTRAST)
        assert low["count"] > 20
        assert low["worst"] >= 4.5, low
    watched.context.close()


CONTRAST = """() => {
  const rgba = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const bright = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgba(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  let worst = 99, where = "", count = 0;
  for (const node of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
    if (!own || !node.checkVisibility()) continue;
    const pair = [rgba(getComputedStyle(node).color), behind(node)].map(bright);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    count += 1;
    if (ratio < worst) [worst, where] = [ratio, node.outerHTML.slice(0, 80)];
  }
  return {worst, where, count};
}"""


def test_texts_lose_what_could_disguise_them():
    """Control characters and marks that turn the direction of writing are left out."""
    assert plain("a\u202eb\x00c\nd") == "abc\nd"
    assert plain(None) == ""
    assert plain(3) == "3"
    assert len(plain("x" * 100_000)) == 4000
