import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser import browser, page, served, tab  # noqa: F401
from hypothesis import settings

# Before TensorFlow's first import.  On the CPU only oneDNN's kernels know dilation, groups and channels_first.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"

settings.register_profile("laws", deadline=None, max_examples=60)
settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("EXAMPLES", 3000)))
settings.load_profile("laws")

ROOT = Path(__file__).parents[1]
ADDRESS = "https://example.org/deconvlib/"  # what the built site takes for its own; nobody asks there
REPOSITORY = "https://example.org/somebody/deconvlib"


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id) -> Path:
    """The site, built strictly: a link or an anchor that leads nowhere is an error.  Workers of pytest share it."""
    temporary = tmp_path_factory.getbasetemp()
    host = (temporary if worker_id == "master" else temporary.parent) / "host"
    host.mkdir(exist_ok=True)
    folder = host / "deconvlib"
    with (host / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", host / "unfinished"]
            environment = {**os.environ, "SITE_URL": ADDRESS, "REPOSITORY_URL": REPOSITORY, "PYTHONPATH": str(ROOT)}
            build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
            assert build.returncode == 0, build.stderr.decode()
            (host / "unfinished").rename(folder)
    return folder


@pytest.fixture(scope="session")
def address(site) -> str:
    """Where the site is served, as a host of static pages does it: below a path of its own."""
    with served(site.parent) as host:
        yield f"{host}{site.name}/"
