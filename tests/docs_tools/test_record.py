"""A record of a check fits as long as nothing that it depends on has changed."""

import pytest

from docs_tools.checked import record


@pytest.fixture
def project(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "code.py").write_text("x = 1")
    (tmp_path / "pins.txt").write_text("numpy==2.0")
    (tmp_path / "page.md").write_text("A page.")
    return tmp_path


def around(project):
    return record.surroundings(project, ["package", "pins.txt"])


def save(project):
    key = record.key((project / "page.md").read_text(), around(project))
    record.save(project, project / "page.md", {"key": key, "failures": []})


def load(project):
    return record.load(project, project / "page.md", around(project))


def test_a_record_is_found_again(project):
    assert load(project) is None
    save(project)
    assert load(project)["failures"] == []


@pytest.mark.parametrize("changed", ["page.md", "package/code.py", "pins.txt", "package/new.py"])
def test_a_change_of_the_page_or_of_what_it_shows_makes_it_void(project, changed):
    save(project)
    (project / changed).write_text("changed")
    assert load(project) is None


def test_a_change_of_an_installed_version_or_of_the_checker_makes_it_void(project, monkeypatch, tmp_path_factory):
    save(project)
    with monkeypatch.context() as patch:
        patch.setattr(record, "installed", lambda: ["numpy==3.0"])
        assert load(project) is None
    assert load(project)
    checker = tmp_path_factory.mktemp("checker") / "record.py"
    checker.write_text("changed")
    monkeypatch.setattr(record, "__file__", str(checker))
    assert load(project) is None
