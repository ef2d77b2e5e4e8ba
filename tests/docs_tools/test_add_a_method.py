"""The guide "Add a method", followed to the letter in a copy of the project."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs_tools.checker.page import fences

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "add-a-method.md"
COPIED = ("deconvlib", "docs_tools", "benchmarks", "docs", "tests", "README.md", "mkdocs.yml", "pyproject.toml")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project with the guide's method: the function at the end of methods.py, and its diff applied."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        subprocess.run(["cp", "-R", ROOT / name, folder], check=True)
    text = GUIDE.read_text("utf8")
    function = next("\n".join(fence.body) for fence in fences(text) if "@method" in fence.body)
    methods = folder / "deconvlib" / "methods.py"
    methods.write_text(methods.read_text("utf8") + "\n\n" + function[function.index("@method") :] + "\n", "utf8")
    ((removed, added),) = (fence.body for fence in fences(text) if fence.words == ["diff"])
    laws = folder / "tests" / "test_methods.py"
    before = laws.read_text("utf8")
    assert removed[1:] in before, "the guide shows a line that test_methods.py does not have"
    laws.write_text(before.replace(removed[1:], added[1:]), "utf8")
    return folder


def run(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    settings = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)


LAWS = (
    "tests/test_methods.py",
    "tests/test_refusals.py",
    "tests/test_api.py::test_every_method_is_reached_by_its_name",
)
PAGES = [str(page.relative_to(ROOT)) for page in ROOT.glob("docs/**/*.md") if "in dl.METHODS" in page.read_text("utf8")]


def test_the_laws_and_the_pages_hold_with_the_method_of_the_guide(copy):
    done = run(copy, *LAWS, *PAGES, "--update-docs")
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_method_that_is_wrong_is_noticed(copy):
    methods = copy / "deconvlib" / "methods.py"
    right = methods.read_text("utf8")
    try:
        methods.write_text(right.replace("(-begin, -end) for", "(-end, -begin) for"), "utf8")
        done = run(copy, "tests/test_methods.py", "-x")
    finally:
        methods.write_text(right, "utf8")
    assert done.returncode == 1, done.stdout[-3000:]
    assert "test_every_method_computes_the_definition" in done.stdout
