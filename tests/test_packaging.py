"""The package as one installs it: alone with NumPy, typed, and with a README that leads somewhere from a registry."""

import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import numpy as np
import pytest

import deconvlib
import hatch_build

ROOT = Path(__file__).parents[1]
REPOSITORY = "https://example.org/somebody/deconvlib"
SMOKE = """
import sys
import numpy as np
import deconvlib as dl
from deconvlib.frameworks import keras, pytorch

rng = np.random.default_rng(0)
x, kernel = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(3, 2, 6, 3))
y = dl.conv_transpose(x, kernel, strides=2)
assert y.shape == (2, 9, 10, 6)
assert np.allclose(y, dl.conv_transpose(x, kernel, strides=2, method="scatter"))
compile(pytorch.call(keras.geometry((8, 8), 3, 2, "same")).code, "code", "exec")
print(dl.__file__, "scipy" in sys.modules)
"""
TYPED = """
import numpy as np
from numpy.typing import NDArray
import deconvlib as dl
from deconvlib.frameworks import pytorch

geometry: dl.Geometry = pytorch.geometry((8, 8), 4, stride=2, padding=1)
size: tuple[int, ...] = geometry.output_size
x: NDArray[np.float32] = np.ones((1, 8, 8, 3), np.float32)
y = dl.conv_transpose(x, np.ones((4, 4, 2, 3), np.float32), strides=2)
rows: int = y.shape[1]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The source distribution, and the wheel that is made of it and of nothing else."""
    folder = tmp_path_factory.mktemp("built")
    hatchling = [sys.executable, "-m", "hatchling", "build", "-d", folder]
    subprocess.run([*hatchling, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    subprocess.run([*hatchling, "-t", "wheel"], cwd=source, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    """The Python of an environment that has the wheel and NumPy, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (packages,) = folder.glob("lib/python*/site-packages")
    numpy = Path(np.__file__).parent
    for part in (numpy, numpy.with_name("numpy.libs")):
        if part.exists():
            (packages / part.name).symlink_to(part)
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(pip, check=True)
    return python


def relative_links(text: str) -> list[str]:
    """Those of the prose: what is in a fence is code."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return re.findall(r"\]\((?!https?:|#)[^)]*\)", prose)


def run(python, *arguments):
    return subprocess.run([python, "-I", *arguments], capture_output=True, text=True, cwd=python.parent)


def test_the_wheel_works_with_numpy_alone(installed):
    done = run(installed, "-c", SMOKE)
    assert done.returncode == 0, done.stderr
    assert str(installed.parents[1]) in done.stdout
    assert "False" in done.stdout


def test_the_command_is_installed_with_it(installed):
    line = "Conv2DTranspose(32, 3, strides=2, padding='same')"
    command = installed.with_name("deconvlib")
    done = subprocess.run([command, "size", line, "--input", "5"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "5x5 -> 10x10" in done.stdout


def test_a_file_of_a_user_type_checks_against_the_wheel(installed, tmp_path):
    """Also strictly; and what is wrong is seen, so that the types are there."""
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--python-executable", installed]
    (tmp_path / "right.py").write_text(TYPED, "utf8")
    (tmp_path / "wrong.py").write_text("import deconvlib as dl\n\ndl.Axis('eight', 3).output_size.lower()\n", "utf8")
    done = subprocess.run([*mypy, "right.py", "wrong.py"], cwd=tmp_path, capture_output=True, text=True)
    assert re.findall(r"^(\S+?):.* error:", done.stdout, re.M) == ["wrong.py", "wrong.py"], done.stdout


def test_the_source_distribution_has_the_package_and_neither_pictures_nor_records(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"README.md", "LICENSE", "CHANGELOG.md", "deconvlib/__init__.py", "deconvlib/py.typed"} <= set(names)
    assert not [name for name in names if name.startswith(("docs", "tests", "benchmarks", "pins"))]
    assert sum(file.stat().st_size for file in built.glob("*.tar.gz")) < 200_000


def test_the_wheel_has_all_files_of_the_package_and_no_others(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        names = {name for name in archive.namelist() if "dist-info" not in name}
    files = [*(ROOT / "deconvlib").rglob("*.py"), ROOT / "deconvlib" / "py.typed"]
    assert names == {path.relative_to(ROOT).as_posix() for path in files}


def test_without_addresses_the_metadata_says_none(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        metadata = message_from_string(archive.read(name).decode())
    assert metadata.get_all("Project-URL") is None
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert not relative_links(metadata.get_payload())
    assert "pip install deconvlib" in metadata.get_payload()


def test_an_address_is_said_wherever_it_is_known():
    addresses = {"site": "https://example.org/", "repository": REPOSITORY, "contact": "mailto:a@example.org"}
    assert hatch_build.urls(addresses)["Issues"] == f"{REPOSITORY}/issues"
    assert set(hatch_build.urls(addresses)) == {"Documentation", "Source", "Issues", "Changelog", "Contact"}
    assert hatch_build.urls(dict.fromkeys(addresses, "")) == {}


def test_the_links_of_the_readme_lead_into_the_repository():
    """Each file that they name is there."""
    text = (ROOT / "README.md").read_text("utf8")
    whole = hatch_build.readme(text, REPOSITORY)
    assert not relative_links(whole)
    named = re.findall(rf"\({REPOSITORY}/(?:blob|raw)/main/([^)#\s]+)", whole)
    assert named
    for name in named:
        assert (ROOT / name).exists(), name


def test_the_version_is_the_same_everywhere():
    """In the changelog it is the newest one."""
    citation = (ROOT / "CITATION.cff").read_text("utf8")
    assert f"\nversion: {deconvlib.__version__}\n" in citation
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf8"), re.M)[1] == deconvlib.__version__


def test_the_python_that_the_site_hands_out_is_listed_in_its_version():
    listed = (ROOT / "THIRD-PARTY.md").read_text("utf8")
    live = tomllib.loads((ROOT / "docs_tools" / "live" / "files.toml").read_text("utf8"))
    (numpy,) = (name.split("-")[1] for name in live["files"] if name.startswith("numpy-"))
    for place in (f"pyodide/tree/{live['pyodide']}", f"cpython/tree/v{live['python']}", f"numpy/tree/v{numpy}"):
        assert f"{place})" in listed, place
