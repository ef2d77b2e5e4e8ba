"""A real browser, for what a reader does on a page: fixtures, which conftest.py hands to every test.

The browser is the system's Chromium, driven by Playwright.  Without it these tests are skipped; with CI=true that is a
failure, for .ci/run installs it.
"""

import contextlib
import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPTIONS += ["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]


def missing(what: str) -> None:
    """Skip a test for want of something; where everything should be there, that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser():
    """Chromium, without a window."""
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        missing("there is no Chromium: on Debian, apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=OPTIONS, chromium_sandbox=False)
        yield chromium
        chromium.close()


class Handler(SimpleHTTPRequestHandler):
    """As a host of static pages answers."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        """What is not there is answered with the site's own page for that, if there is one."""
        lost = next(iter(sorted(Path(self.directory).glob("**/404.html"))), None)
        if code != 404 or lost is None:
            return super().send_error(code, message, explain)
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(lost.read_bytes())

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, on this machine alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def tab(browser, address):
    """One page of the browser, into which the tests of a file load what they need, one after the other."""
    context = browser.new_context(base_url=address, permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab, address):
    """A page for what is served at the address, whatever the test before has left."""
    tab.context.set_offline(False)
    tab.mouse.move(0, 0)
    tab.set_viewport_size({"width": 1280, "height": 900})
    with nothing_wrong(tab, address):
        yield tab


CONTEXTS = {}  # settings -> a context that is kept: for the first page of each Chromium opens a window of its own


@contextlib.contextmanager
def watched(browser, address: str, **settings):
    """A new page with settings of its own, such as a dark scheme; nothing is stored, and nothing is in the cache."""
    settings["base_url"] = address
    key = repr(settings)
    if key not in CONTEXTS:
        CONTEXTS[key] = browser.new_context(**settings)
        CONTEXTS[key].new_page()
    page = CONTEXTS[key].new_page()
    CONTEXTS[key].new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    with nothing_wrong(page, address):
        yield page
    page.evaluate("localStorage.clear()")
    page.close()


@contextlib.contextmanager
def nothing_wrong(page, address: str):
    """Meanwhile there is no error in the page's console, and nothing is asked of another host."""
    asked, errors = set(), []
    heard = {
        "request": lambda request: asked.add(urlsplit(request.url)[:2]),
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda message: errors.append(message.text) if message.type == "error" else None,
    }
    for event, listener in heard.items():
        page.on(event, listener)
    yield
    for event, listener in heard.items():
        page.remove_listener(event, listener)
    assert not errors, errors
    assert {host for scheme, host in asked if scheme not in ("data", "blob")} <= {urlsplit(address).netloc}


def violations(page, *ignored: str, within: str = "html") -> list[str]:
    """The rules of axe that the page breaks, or an element of it, and where.

    WCAG's target size of 24 pixels is among them.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    rules = {"target-size": {"enabled": True}} | {rule: {"enabled": False} for rule in ignored}
    page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "rules": rules}
    found = page.evaluate("async (all) => (await axe.run(...all)).violations", [within, options])
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found]
