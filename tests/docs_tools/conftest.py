"""The pages of the built site, parsed."""

import lxml.html
import pytest


@pytest.fixture(scope="session")
def documents(site):
    """The pages, without those that only lead on to where a page has moved, and the explorer for other sites."""
    found = {path.relative_to(site): lxml.html.parse(str(path)).getroot() for path in site.rglob("*.html")}
    pages = {name: root for name, root in found.items() if name.parts[0] != "assets"}
    return {name: root for name, root in pages.items() if not root.xpath("//meta[@http-equiv='refresh']")}
