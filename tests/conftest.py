import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser import address, browser, page  # noqa: F401
from hypothesis import settings

# Before TensorFlow's first import.  On the CPU only oneDNN's kernels know dilation, groups and channels_first.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("laws", deadline=None, max_examples=60)
settings.load_profile("laws")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The site, built strictly: a link or an anchor that leads nowhere, or a notebook cell that fails, is an error."""
    folder = tmp_path_factory.mktemp("site")
    program = Path(sys.executable).parent / "mkdocs"
    build = subprocess.run([program, "build", "--strict", "--site-dir", folder], cwd=ROOT, capture_output=True)
    assert build.returncode == 0, build.stderr.decode()
    return folder
