"""The static index as pip and uv read it: from a folder, from a plain server, and as JSON."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import subprocess
import sys
import threading
import venv
from html.parser import HTMLParser
from pathlib import Path

import pytest
from uv import find_uv_bin
from wheelwright import make_wheel, quick

from pumpleak_registry.repository import Repository

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files as they are; asked for JSON, gives the JSON form where `negotiates` says so."""

    negotiates = False

    def send_head(self):
        folder = Path(self.translate_path(self.path))
        if self.negotiates and JSON_TYPE in self.headers["Accept"] and folder.is_dir():
            self.path += "index.v1+json"
        return super().send_head()

    def guess_type(self, path):
        return JSON_TYPE if str(path).endswith(".v1+json") else super().guess_type(path)

    def log_message(self, *_):
        """Say nothing."""


class Negotiating(Handler):
    negotiates = True


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """pumpleak-foo 1.0, 2.0 (yanked) and 3.0, which needs a Python of the future."""
    place = tmp_path_factory.mktemp("simple")
    repository, _ = Repository.create(place / "registry", keys=[place / "keys"])
    repository.add_lab("lab-a")
    for version, python in (("1.0", ">=3.11"), ("2.0", ">=3.11"), ("3.0", ">=4")):
        wheel = make_wheel(place, version=version, requires=(), requires_python=python)
        repository.admit(wheel, "lab-a", examine=quick)
        repository.publish(wheel, "lab-a")
    repository.yank("pumpleak-foo", "2.0", 'wrong "sign" <of> the current')
    return repository.folder


@pytest.fixture(params=[Handler, Negotiating], ids=["html", "json"])
def index(request, registry):
    """The address of the index on loopback."""
    handler = functools.partial(request.param, directory=str(registry))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environment(tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    return tmp_path / "env"


def install(tool, environment, *arguments):
    if tool == "uv":
        command = [find_uv_bin(), "pip", "install", "--no-config", "--no-cache"]
        command += ["--python", str(environment / "bin" / "python")]
    else:
        command = [sys.executable, "-m", "pip", "--isolated", "--no-cache-dir"]
        command += ["--disable-pip-version-check", "--no-input"]
        command += ["--python", str(environment / "bin" / "python"), "install"]
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def installed(environment):
    return sorted(
        path.name for path in environment.glob("lib/python*/site-packages/pumpleak_*info")
    )


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_tool_installs_the_newest_that_fits(index, environment, tool):
    """Not the yanked one, and not the one for another Python."""
    done = install(tool, environment, "--index-url", index, "pumpleak-foo")

    assert done.returncode == 0, done.stderr
    assert installed(environment) == ["pumpleak_foo-1.0.dist-info"]


def test_a_yanked_version_can_still_be_had_by_its_number(index, environment):
    """Who asks for exactly that one gets it, with the reason."""
    done = install("pip", environment, "--index-url", index, "pumpleak-foo==2.0")

    assert done.returncode == 0, done.stderr
    assert 'wrong "sign" <of> the current' in done.stdout + done.stderr
    assert installed(environment) == ["pumpleak_foo-2.0.dist-info"]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_folder_serves_as_an_index_too(registry, environment, tool):
    """No server at all: the folder on a shared drive."""
    done = install(tool, environment, "--index-url", (registry / "simple").as_uri(), "pumpleak-foo")

    assert done.returncode == 0, done.stderr
    assert installed(environment) == ["pumpleak_foo-1.0.dist-info"]


def test_a_time_limited_installation_needs_the_json_form(registry, environment):
    """Upload times let uv choose what there was on a day; before this index, nothing."""
    handler = functools.partial(Negotiating, directory=str(registry))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/simple/"
        limit = ["--index-url", address, "--exclude-newer"]
        early = install("uv", environment, *limit, "2020-01-01T00:00:00Z", "pumpleak-foo")
        late = install("uv", environment, *limit, "2999-01-01T00:00:00Z", "pumpleak-foo")
        server.shutdown()

    assert early.returncode != 0
    assert "pumpleak-foo" in early.stderr
    assert late.returncode == 0, late.stderr


class Links(HTMLParser):
    """The links of a page, attributes and all."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found.append(dict(attributes))


def test_both_forms_say_the_same(registry):
    """Hashes, metadata, Python, yanks and, in JSON, sizes and upload times."""
    home = registry / "simple" / "pumpleak-foo"
    data = json.loads((home / "index.v1+json").read_bytes())
    links = Links((home / "index.html").read_text()).found

    assert data["meta"]["api-version"] == "1.1"
    assert data["name"] == "pumpleak-foo"
    assert data["versions"] == ["1.0", "2.0", "3.0"]
    assert len(links) == len(data["files"]) == 3
    for link, file in zip(links, data["files"], strict=True):
        content = (home / file["url"]).read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        metadata = hashlib.sha256((home / f"{file['url']}.metadata").read_bytes()).hexdigest()
        assert file["hashes"] == {"sha256": sha256}
        assert link["href"] == f"{file['filename']}#sha256={sha256}"
        assert file["size"] == len(content)
        assert file["core-metadata"] == {"sha256": metadata}
        assert link["data-core-metadata"] == f"sha256={metadata}"
        assert link["data-requires-python"] == file["requires-python"]
        assert file["upload-time"].endswith("Z")
        assert link.get("data-yanked", False) == file["yanked"]
    assert data["files"][1]["yanked"] == 'wrong "sign" <of> the current'


def test_the_list_of_projects_has_both_forms(registry):
    """One line each, under the name that tools ask for."""
    home = registry / "simple"
    assert json.loads((home / "index.v1+json").read_bytes())["projects"] == [
        {"name": "pumpleak-foo"}
    ]
    assert [link["href"] for link in Links((home / "index.html").read_text()).found] == [
        "pumpleak-foo/"
    ]
