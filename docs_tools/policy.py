"""MkDocs hooks: a page may load nothing from elsewhere, and runs no script but the site's own.

The policy stands in the page, since a host of static pages lets nobody send headers.  Scripts that the theme writes
into the page are allowed by their digest.
"""

from __future__ import annotations

import base64
import hashlib
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

__all__ = ["guarded"]

INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"?(?:application/json|text/plain))[^>]*>(.*?)</script>", re.S)
serving = False


def on_startup(command: str, dirty: bool) -> None:
    global serving
    serving = command == "serve"  # it writes a script of its own into each page


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    return output if serving else guarded(output)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    return output if serving or not template_name.endswith(".html") else guarded(output)


def guarded(output: str) -> str:
    """The page with its policy.  Python in the page is WebAssembly, which has to be allowed by name."""
    scripts = {f"'sha256-{digest(match[1])}'" for match in INLINE.finditer(output)}
    if " data-live" in output:
        scripts.add("'wasm-unsafe-eval'")
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *sorted(scripts)],
        "style-src": ["'self'", "'unsafe-inline'"],  # figures and the theme set colours and sizes in place
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    policy = "; ".join(" ".join([rule, *sources]) for rule, sources in rules.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(r"<meta charset=[^>]*>", lambda charset: charset[0] + meta, output, count=1)


def digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
