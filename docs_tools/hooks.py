"""MkDocs hooks: the badge of each page, failures shown in the page, notebooks never from a stale cache.

The tests keep the truth (docs_tools/checked); these hooks show it.  Under `make serve` the statements of each page
that changed are checked in the background, and the page tells when they are.
"""

from __future__ import annotations

import html
import logging
import os
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from docs_tools import quick
from docs_tools.checked import record
from docs_tools.checked.page import fences
from docs_tools.head import described
from docs_tools.notebook import slim

ROOT = Path(__file__).parents[1]
SOURCES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["tool"]["pytest"]["ini_options"]["docs_sources"]
LOST = """<h1>This page is not here</h1>
<p>It may have moved. Begin <a href="{root}">at the beginning</a>, look up
<a href="{root}reference/questions/">a question</a> or <a href="{root}reference/glossary/">a word</a>,
or search above.</p>"""
LAZY_SEARCH = (ROOT / "docs_tools" / "lazy_search.js").read_text("utf8")
log = logging.getLogger("mkdocs.hooks.deconvlib")
LONGEST = 88  # characters of a line that fit beside the contents
SECONDS = 300  # that the checks of a build may take
serving = False
around = ""  # the digest of all that results depend on, taken once for each build
KINDS = {
    "code": "code block",
    "number": "number",
    "equation": "equation",
    "name": "name",
    "word": "name",
    "link": "link",
    "figure": "figure",
    "command": "command",
}


def on_startup(command, dirty):
    global serving
    serving = command == "serve"
    if serving:
        quick.remember_search()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "docs_tools" / "jupyter")


def on_config(config):
    global around
    around = record.surroundings(ROOT, SOURCES)
    notebooks = config.plugins["mkdocs-jupyter"].config
    notebooks["cache_dir"] = str(ROOT / ".cache" / "notebooks" / around[:16])  # its own key knows the notebook alone
    notebooks["allow_errors"] = serving  # an error in the page is better than a server that seems stuck
    return config


def on_env(env, config, files):
    """Keep the compiled templates between builds: a third of the time after an edit."""
    folder = ROOT / ".cache" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = jinja2.FileSystemBytecodeCache(str(folder))
    return env


def on_page_markdown(markdown, page, config, files):
    """Put each failure of the page below the statement that failed."""
    source = Path(page.file.abs_src_path)
    found = record.load(ROOT, source, around)
    if found and found["failures"]:
        lines = source.read_text("utf8").split("\n")
        front = len(lines) - len(markdown.split("\n"))  # MkDocs has taken the front matter away
        for failure in sorted(found["failures"], key=lambda f: f["line"], reverse=True):
            place, indent = end_of_statement(lines, failure["line"])
            body = [f"{indent}    {line}" for line in ["`````text", *failure["message"].split("\n"), "`````"]]
            lines[place:place] = ["", f'{indent}!!! failure "Line {failure["line"] + 1}"', "", *body, ""]
        count = len(found["failures"])
        what = f"{count} statements of this page are false" if count > 1 else "1 statement of this page is false"
        markdown = "\n".join([f'!!! failure "{what}"', "", *lines[front:]])
    if serving:
        page.markdown = markdown
        quick.remember_page(page, files, around)
    return markdown


def end_of_statement(lines: list[str], line: int) -> tuple[int, str]:
    """Where a box about the statement on this line can stand, and how far it is to be indented."""
    for fence in fences("\n".join(lines)):
        if fence.line == line:
            return (fence.output or fence).end + 1, fence.indent
    blank = next((n for n in range(line, len(lines)) if not lines[n].strip()), len(lines))
    return blank, re.match(r"[ \t]*", lines[line])[0]


def on_page_content(content, page, config, files):
    source = Path(page.file.abs_src_path)
    if source.suffix == ".ipynb":
        content = slim(content, page, files)
    content = wrapped(content)
    found = record.load(ROOT, source, around)
    if found and source.suffix == ".ipynb":
        content = (
            "".join(f'<pre class="failure">{html.escape(f["message"])}</pre>' for f in found["failures"]) + content
        )
    if found and not found["failures"]:
        return content + badge(found["passed"], found["versions"])
    if serving and not found:
        checker.want(source)
        return content + '<p class="checked">This page is being checked …</p>'
    return content


def wrapped(content: str) -> str:
    """A printed message that is longer than the page is wide is marked, so that it wraps; tables and arrays do not."""

    def mark(block):
        lines = html.unescape(re.sub("<[^>]+>", "", block[1])).split("\n")
        return block[0].replace("language-text", "language-text long", int(max(map(len, lines)) > LONGEST))

    return re.sub(r'<div class="language-text highlight">(.*?)</pre>', mark, content, flags=re.S)


def on_post_page(output, page, config):
    return described(named(output), page, config)


def on_post_template(output, template_name, config):
    if template_name == "404.html":
        output = output.replace("<h1>404 - Not found</h1>", LOST.format(root=urlsplit(config.site_url).path))
    return named(output)


def named(output: str) -> str:
    """The search dialog has a name, the logo its size, and the search's index waits until it is wanted."""
    output = output.replace('role="dialog"', 'role="dialog" aria-label="Search"', 1)
    output = output.replace('alt="logo"', 'alt="logo" width="24" height="24"')
    return re.sub('(?=<script src="[^"]*bundle)', lambda _: f"<script>{LAZY_SEARCH}</script>", output, count=1)


def badge(passed: dict[str, int], versions: dict[str, str]) -> str:
    counts: dict[str, int] = {}
    for kind, noun in KINDS.items():
        counts[noun] = counts.get(noun, 0) + passed.get(kind, 0)
    what = ", ".join(f"{n} {noun}{'s' * (n != 1)}" for noun, n in counts.items() if n)
    skipped = f" {passed['skipped']} were skipped, for want of what they need." if passed.get("skipped") else ""
    tools = {"Python": ".".join(map(str, sys.version_info[:3])), **versions}
    with_what = ", ".join(f"{name} {version}" for name, version in tools.items())
    return f'<p class="checked">Checked: {what or "nothing to check"}.{skipped} With {with_what}.</p>' if what else ""


class Checker:
    """Runs the pages' tests beside the server, for the pages that have no record of their present state."""

    def __init__(self):
        self.wanted: set[tuple[Path, str]] = set()  # a page, and its key
        self.running: set[tuple[Path, str]] = set()
        self.done = ROOT / record.FOLDER / "done"  # the server watches this file

    def want(self, page: Path):
        state = page, record.key(page.read_text("utf8"), around)
        if state not in self.running:
            self.wanted.add(state)

    def start(self):
        """In a thread of its own for each build: a page just edited does not wait for all the others."""
        states, self.wanted = self.wanted, set()
        if states:
            self.running |= states
            threading.Thread(target=self.run, args=[states], daemon=True).start()

    def run(self, states: set[tuple[Path, str]]):
        pages = sorted(str(page) for page, _ in states)
        command = [sys.executable, "-m", "pytest", "--no-header", "--tb=no", "-p", "no:cacheprovider", *pages]
        try:
            told = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=SECONDS)
            message = f"the checker failed\n{told.stdout[-2000:]}{told.stderr[-2000:]}"
        except subprocess.TimeoutExpired:
            message = f"the checks of {', '.join(pages)} did not end within {SECONDS} seconds"
        for page, key in states:
            if record.load(ROOT, page, around) is None:
                failure = {"line": 0, "message": message}  # a page is never silent for want of a record
                record.save(ROOT, page, {"key": key, "passed": {}, "failures": [failure], "versions": {}})
        self.running -= states
        self.done.write_text(str(pages))


checker = Checker()


def on_post_build(config):
    checker.start()


def on_serve(server, config, builder):
    checker.done.parent.mkdir(parents=True, exist_ok=True)
    checker.done.touch()
    server.watch(str(checker.done))
    server.builder = lambda: build_or_show(builder, Path(config.site_dir))
    return server


def build_or_show(builder, site: Path):
    """A build that fails shows why on every page; MkDocs alone would keep each request waiting."""
    try:
        builder()
    except (Exception, SystemExit) as error:
        log.error("%s", error)
        text = html.escape(f"{type(error).__name__}: {error}")
        for page in site.rglob("*.html"):
            page.write_text(
                f'<body><h1 style="color:#c00">The site cannot be built</h1><pre>{text}</pre></body>', "utf8"
            )
