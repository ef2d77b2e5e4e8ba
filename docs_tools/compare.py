"""Which pages two builds of the site do not have in common: `python -m docs_tools.compare site other-site`.

MkDocs itself is no longer maintained; its successors have to show what it shows.
"""

from __future__ import annotations

import sys
from pathlib import Path

import lxml.html


def shown(site: Path) -> dict[str, str]:
    """The words of each page's article, but for the links to take it away, which a hook of MkDocs writes."""
    pages = {}
    for path in site.rglob("*.html"):
        articles = lxml.html.parse(str(path)).getroot().xpath("//article")
        for links in [node for article in articles for node in article.find_class("take-away")]:
            links.drop_tree()
        pages[path.relative_to(site).as_posix()] = " ".join(" ".join(a.text_content().split()) for a in articles)
    return pages


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """A line for each page that is missing, or whose words are others."""
    lines = [f"{name}: only in the first" for name in sorted(first.keys() - second.keys())]
    lines += [f"{name}: only in the second" for name in sorted(second.keys() - first.keys())]
    for name in sorted(first.keys() & second.keys()):
        old, new = first[name], second[name]
        if old != new:
            at = next((n for n, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
            begin = max(at - 30, 0)
            lines.append(f"{name}: ...{old[begin : at + 30]!r} and ...{new[begin : at + 30]!r}")
    return lines


if __name__ == "__main__":
    sites = [shown(Path(folder)) for folder in sys.argv[1:3]]
    found = differences(*sites)
    print("\n".join(found) or f"the same {len(sites[0])} pages")
    sys.exit(bool(found))
