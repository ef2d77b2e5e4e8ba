"""What the hooks show."""

from docs_tools import hooks


def test_a_build_that_fails_under_serve_shows_why(tmp_path):
    (tmp_path / "index.html").write_text("old")

    def fail():
        raise ValueError("no <such> page")

    hooks.build_or_show(fail, tmp_path)
    assert "ValueError: no &lt;such&gt; page" in (tmp_path / "index.html").read_text()
