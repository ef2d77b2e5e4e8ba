"""MkDocs hook: the theme's style sheets without what no page of this site can show.

They are for every site, and a third of them is for what this one has not got.  A rule stays if all of its classes are
in some page or in a script, which may give them to an element later; so does an icon or colour that a rule asks for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

__all__ = ["properties_for", "rules_for", "used"]

VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
STRING = r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'"
TOKEN = re.compile(rf"{STRING}|[{{}};(),]|[^{{}};(),\"']+|.", re.S)
WITHIN = ("@media", "@supports", "@container", "@layer")  # rules around rules
serving = False


def on_startup(command: str, dirty: bool) -> None:
    global serving
    serving = command == "serve"  # a page that is built anew may use another class


def on_post_build(config: MkDocsConfig) -> None:
    if serving:
        return
    site = Path(config.site_dir)
    pages = {path: path.read_text("utf8") for path in site.rglob("*.html")}
    scripts = [path.read_text("utf8") for path in site.rglob("*.js") if "lunr" not in path.parts]
    sheets = {path: path.read_text("utf8") for path in site.rglob("*.css")}
    themes = list((site / "assets" / "stylesheets").glob("*.css"))
    names = used(pages.values(), scripts)
    sheets |= {path: rules_for(names, sheets[path]) for path in themes}
    read = {name for text in (*sheets.values(), *pages.values(), *scripts) for name in VARIABLE.findall(text)}
    renamed = {}
    for path in themes:
        light = properties_for(read, sheets[path])
        digest = hashlib.sha256(light.encode()).hexdigest()[:8]  # browsers may have the old one
        renamed[path.name] = f"{path.name.split('.')[0]}.{digest}.min.css"
        path.unlink()
        path.with_name(renamed[path.name]).write_text(light, "utf8")
    for path, text in pages.items():
        for before, after in renamed.items():
            text = text.replace(before, after)
        path.write_text(text, "utf8")


def used(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """What pages have as values of attributes, and every word of the scripts."""
    values = {name for page in pages for value in re.findall(r'="([^"]*)"', page) for name in value.split()}
    return values.union(*(re.findall(r"[\w-]+", script) for script in scripts))


def is_used(name: str, names: set[str]) -> bool:
    """A script may also put a name together, as in `tabbed-control--${side}`."""
    return name in names or any(name[:end] in names for end in range(4, len(name)) if name[end - 1] == "-")


def rules_for(names: set[str], sheet: str) -> str:
    """The sheet without rules for other names."""
    kept = []
    for head, body in rules(sheet):
        if body is None:
            kept.append(f"{head};")
        elif head.startswith(WITHIN):
            inner = rules_for(names, body)
            kept += [f"{head}{{{inner}}}"] * bool(inner)
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            selectors = [one for one in split(head, ",") if all(is_used(name, names) for name in needs(one))]
            kept += [f"{','.join(selectors)}{{{body}}}"] * bool(selectors)
    return "".join(kept)


def properties_for(read: set[str], sheet: str) -> str:
    """The sheet without custom properties that nobody reads."""
    kept = []
    for head, body in rules(sheet):
        if body is None:
            kept.append(f"{head};")
        elif head.startswith(WITHIN):
            kept.append(f"{head}{{{properties_for(read, body)}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}")
        else:
            lines = [one for one in split(body, ";") if not one.startswith("--") or one.split(":")[0] in read]
            kept += [f"{head}{{{';'.join(lines)}}}"] * bool(lines)
    return "".join(kept)


def needs(selector: str) -> set[str]:
    """The classes that an element must have, and the colours of the palette; what stands in :not() and :is() aside."""
    flat = ""
    while flat != selector:
        flat, selector = selector, re.sub(r":[\w-]+\([^()]*\)", "", selector)
    classes = {name.replace("\\", "") for name in re.findall(r"\.((?:[\w-]|\\.)+)", flat)}
    return classes | set(re.findall(r'\[data-md-[\w-]+="?([\w-]+)"?\]', flat))


def rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """(selectors or @-rule, what stands in its braces), or (@-rule, None)."""
    head, body, depth = "", "", 0
    for token in TOKEN.findall(sheet):
        depth -= token == "}"
        if depth:
            body += token
        elif token == "}":
            yield head.strip(), body
            head = body = ""
        elif token == ";":
            yield head.strip(), None
            head = ""
        elif token != "{":
            head += token
        depth += token == "{"


def split(text: str, at: str) -> list[str]:
    """The parts between commas or semicolons, but for those in brackets and in strings."""
    parts, depth = [""], 0
    for token in TOKEN.findall(text):
        depth += (token == "(") - (token == ")")
        if token == at and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return [part for part in parts if part]
