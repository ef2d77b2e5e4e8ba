"""A notebook page as light as the others: nbconvert's own styles and scripts weigh 600 kB and ask third parties."""

from __future__ import annotations

import html
import logging
import posixpath
import re

import lxml.html

from docs_tools.checker.page import MARKER
from docs_tools.mathml import INLINE, mathml

__all__ = ["slim"]

log = logging.getLogger("mkdocs.notebook")


def slim(content: str, page, files) -> str:
    """The cells of a notebook page: prose with MathML and checked links, highlighted code, and what it printed."""
    parts = []
    for node in lxml.html.fromstring(content).xpath("//*[@data-mime-type] | //*[contains(@class, 'highlight-ipynb')]"):
        kind = node.get("data-mime-type", "code")
        inside = node.text or ""
        inside += "".join(lxml.html.tostring(child, encoding="unicode") for child in node)
        if kind == "text/markdown":
            parts.append(links(math(inside), page, files).replace('class="anchor-link"', 'class="headerlink"'))
        elif kind == "code":
            code = inside.replace("<pre>", "<pre><code>").replace("</pre>", "</code></pre>")
            parts.append(f'<div class="language-python highlight">{code}</div>')
        elif kind == "application/vnd.jupyter.error":
            parts.append(
                f'<div class="admonition failure"><p class="admonition-title">This cell fails</p>{inside}</div>'
            )
        elif kind != "application/vnd.jupyter.stderr":  # TensorFlow's log lines
            text = inside.replace("<pre>", "<pre><code>").replace("</pre>", "</code></pre>")
            parts.append(f'<div class="language-text highlight">{text}</div>')
    return "\n".join(parts)


def math(text: str) -> str:
    """Formulas outside of code."""
    pieces = re.split(r"(<(?:code|pre)\b.*?</(?:code|pre)>)", MARKER.sub("", text), flags=re.S)
    for n in range(0, len(pieces), 2):
        pieces[n] = re.sub(
            r"\$\$(?P<tex>.+?)\$\$", lambda m: mathml(html.unescape(m["tex"]), display=True), pieces[n], flags=re.S
        )
        pieces[n] = re.sub(INLINE, lambda m: mathml(html.unescape(m["tex"]), display=False), pieces[n])
    return "".join(pieces)


def links(text: str, page, files) -> str:
    """mkdocs-jupyter renders by itself, so that MkDocs neither rewrites nor checks the links."""

    def rewrite(match):
        target, mark, anchor = html.unescape(match["target"]).partition("#")
        if not target or re.match(r"[a-z]+:|/", target):
            return match[0]
        found = files.get_file_from_path(
            posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), target))
        )
        if found is None:
            log.warning("%s links to %s, which is not in the docs", page.file.src_uri, target)
            return match[0]
        return f'{match["start"]}{found.url_relative_to(page.file)}{mark}{anchor}"'

    return re.sub(r'(?P<start><a [^>]*?href=")(?P<target>[^"]+)"', rewrite, text)
