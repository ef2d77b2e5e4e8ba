"""The site is right at any address, below a path too, and without one nothing is said that would need it."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import lxml.html
import pytest

from docs_tools.compare import differences
from docs_tools.hosted import Address
from docs_tools.hosted import address as known_address
from tests.conftest import ADDRESS, REPOSITORY, ROOT

LINKS = ("//a/@href", "//link/@href", "//script/@src", "//img/@src", "//iframe/@src", "//form/@action")
TOOLS = ROOT / "docs_tools"
OWN = ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content")


def got(url: str) -> tuple[int, bytes, str]:
    """Status, body and type of an answer."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers.get_content_type()


@pytest.fixture(scope="session")
def crawled(site, address):
    """Every page that links lead to from the first one: {url: parsed page}, and all that was asked: {url: status}."""
    start = address
    pages, status, waiting = {}, {}, [start]
    while waiting:
        url = waiting.pop()
        if url in status:
            continue
        status[url], body, kind = got(url)
        if kind != "text/html" or status[url] != 200:
            continue
        pages[url] = lxml.html.fromstring(body)
        found = [urldefrag(urljoin(url, link))[0] for query in LINKS for link in pages[url].xpath(query)]
        found = [link.partition("?")[0] for link in found]  # the explorer's settings are no other page
        found += pages[url].xpath("//meta[@property='og:image']/@content")
        found = [link.replace(ADDRESS, address) for link in found]
        waiting += [link for link in found if urlsplit(link).netloc == urlsplit(start).netloc]
    return pages, status


def test_every_link_that_a_reader_can_follow_is_there_below_the_path(crawled, address):
    pages, status = crawled
    assert len(pages) > 30
    assert [url for url, code in status.items() if code != 200] == []
    assert [url for url in status if not url.startswith(address)] == []


def test_a_page_says_its_own_address(crawled, address):
    pages, _ = crawled
    for url, page in pages.items():
        if page.xpath("//meta[@http-equiv='refresh']"):
            continue
        for query in OWN:
            assert page.xpath(query) == [url.replace(address, ADDRESS)], query


def test_the_sitemap_names_each_page_by_its_address(crawled, address):
    pages, status = crawled
    code, body, _ = got(address + "sitemap.xml")
    named = re.findall("<loc>(.*?)</loc>", body.decode())
    assert code == 200
    assert named
    named = {place.replace(ADDRESS, address) for place in named}
    assert named <= set(status)
    whole = {url for url, page in pages.items() if not page.xpath("//meta[@http-equiv='refresh']")}
    assert named == {url for url in whole if not url.endswith(".html")}


def test_each_page_has_a_picture_of_its_own_for_those_who_show_links(crawled, address):
    pages, _ = crawled
    pictures = [page.xpath("//meta[@property='og:image']/@content") for page in pages.values()]
    shown = {picture for found in pictures for picture in found}
    assert len(shown) == sum(map(len, pictures)) > 30
    for url in shown:
        code, body, kind = got(url.replace(ADDRESS, address))
        assert (code, kind, body[1:4]) == (200, "image/png", b"PNG")
        assert int.from_bytes(body[16:20], "big") == 1200


def test_what_is_not_there_is_answered_with_links_that_lead_on(site, address):
    code, body, _ = got(address + "no/such/page/")
    assert code == 404
    page = lxml.html.fromstring(body)
    links = [urljoin(address + "no/such/page/", link) for link in page.xpath("//article//p//a/@href")]
    assert len(links) == 3
    assert [got(link)[0] for link in links] == [200] * 3
    for sheet in page.xpath("//link[@rel='stylesheet']/@href"):
        assert got(urljoin(address + "no/such/page/", sheet))[0] == 200


def test_each_page_links_to_its_source(crawled):
    pages, _ = crawled
    edited = {url: page.xpath("//a[@rel='edit']/@href") for url, page in pages.items()}
    for url, links in edited.items():
        if not links:
            continue
        (link,) = links
        source = ROOT / link.removeprefix(f"{REPOSITORY}/edit/main/")
        assert source.is_file(), url
    assert sum(map(len, edited.values())) > 30


def test_without_an_address_nothing_is_said_that_needs_one(tmp_path):
    """One page, built with the settings of the site."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A page\n\nIts only sentence is this one.\n", "utf8")
    (tmp_path / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\nnav: []\nhooks: [{TOOLS / 'hooks.py'}, {TOOLS / 'hosted.py'}]\n"
        f"theme: {{custom_dir: {TOOLS / 'theme'}}}\n"
        "plugins: [search]\nextra_css: []\nextra_javascript: []\nwatch: []\n",
        "utf8",
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("SITE_URL", "REPOSITORY_URL")}
    command = [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--config-file", tmp_path / "mkdocs.yml"]
    build = subprocess.run(
        command, env={**environment, "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True
    )
    assert build.returncode == 0, build.stderr
    assert "SITE_URL is not given" in build.stderr
    assert "REPOSITORY_URL is not given" in build.stderr
    assert not list((tmp_path / "site").glob("sitemap*"))
    page = lxml.html.parse(str(tmp_path / "site" / "index.html"))
    assert not [found for query in OWN for found in page.xpath(query)]
    assert not page.xpath("//meta[@property='og:image'] | //a[@rel='edit'] | //*[@class='md-social']")
    assert 'href="/reference/questions/"' in (tmp_path / "site" / "404.html").read_text("utf8")


def test_the_environment_says_more_than_the_file(monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://example.org/a")
    monkeypatch.setenv("REPOSITORY_URL", "https://example.org/b/")
    assert known_address() == Address("https://example.org/a/", "https://example.org/b")
    monkeypatch.delenv("SITE_URL")
    monkeypatch.delenv("REPOSITORY_URL")
    assert known_address() == Address(None, None)


def test_two_builds_are_compared_page_by_page():
    """As the workflow compares those of other builders."""
    first = {"a.html": "the same", "b.html": "one word", "c.html": "only here"}
    second = {"a.html": "the same", "b.html": "another word", "d.html": "only there"}
    assert differences(first, first) == []
    missing, added, changed = differences(first, second)
    assert missing == "c.html: only in the first"
    assert added == "d.html: only in the second"
    assert changed == "b.html: ...'one word' and ...'another word'"
