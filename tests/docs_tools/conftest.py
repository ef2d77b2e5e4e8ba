"""The built site, as a host serves it: below a path of its own."""

import functools
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://example.org/somebody/deconvlib"


class Handler(http.server.SimpleHTTPRequestHandler):
    """As GitHub Pages does it: what is not there is answered with the site's own page for that."""

    def log_message(self, *args):
        pass

    def send_error(self, code, message=None, explain=None):
        lost = (Path(self.directory) / "deconvlib" / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(lost)


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Where the site is served from, on this machine; nothing is there until it is built."""
    folder = tmp_path_factory.mktemp("served")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/deconvlib/"
    server.shutdown()


@pytest.fixture(scope="session")
def site(address) -> Path:
    """The site, built strictly: a link or an anchor that leads nowhere, or a notebook cell that fails, is an error."""
    folder, url = address
    command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder / "deconvlib"]
    environment = {**os.environ, "SITE_URL": url, "REPOSITORY_URL": REPOSITORY, "PYTHONPATH": str(ROOT)}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    assert build.returncode == 0, build.stderr.decode()
    return folder / "deconvlib"
