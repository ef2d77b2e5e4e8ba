import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser import browser, page, served  # noqa: F401
from hypothesis import settings

# Before TensorFlow's first import.  On the CPU only oneDNN's kernels know dilation, groups and channels_first.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("laws", deadline=None, max_examples=60)
settings.register_profile("fuzz", deadline=None, max_examples=int(os.environ.get("EXAMPLES", 3000)))
settings.load_profile("laws")

ROOT = Path(__file__).parents[1]
REPOSITORY = "https://example.org/somebody/deconvlib"


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """A folder that is served as a host of static pages does it, and its address; it is empty at first."""
    folder = tmp_path_factory.mktemp("host")
    with served(folder) as address:
        yield folder, address


@pytest.fixture(scope="session")
def address(host) -> str:
    """Where the site is served: below a path of its own."""
    return host[1] + "deconvlib/"


@pytest.fixture(scope="session")
def site(host, address) -> Path:
    """The site, built strictly: a link or an anchor that leads nowhere, or a notebook cell that fails, is an error."""
    folder = host[0] / "deconvlib"
    command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "SITE_URL": address, "REPOSITORY_URL": REPOSITORY, "PYTHONPATH": str(ROOT)}
    build = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    assert build.returncode == 0, build.stderr.decode()
    return folder
