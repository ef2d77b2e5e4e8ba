"""What a page says of itself to a search engine, a bookmark, or a chat that shows a link: title and first sentences.

The description is the page's first paragraph, so that it can't say anything else than the page.
"""

from __future__ import annotations

import html
import re

__all__ = ["card_path", "described", "first_sentences"]

LONGEST = 200  # what a search engine shows


def described(output: str, page, config) -> str:
    """The built page, with a title of its own, a description, and both once more for those who show links."""
    title = f"{page.title} - transposed convolution - {config.site_name}"
    text = first_sentences(page.content)
    if page.is_homepage:  # it begins with a picture
        title = f"{config.site_name}: the transposed convolution, explained and exact"
        text = config.site_description
    words = {"og:type": "article", "og:site_name": config.site_name, "og:title": title, "og:description": text}
    tags = [f'<meta property="{name}" content="{html.escape(said)}">' for name, said in words.items()]
    if page.canonical_url:  # the others want a whole address
        picture = config.site_url + card_path(page)
        tags.append(f'<meta property="og:url" content="{html.escape(page.canonical_url)}">')
        tags.append(f'<meta property="og:image" content="{html.escape(picture)}">')
        tags.append('<meta name="twitter:card" content="summary_large_image">')
    output = re.sub(r"<title>.*?</title>", f"<title>{html.escape(title)}</title>", output, count=1, flags=re.S)
    return re.sub(
        r'<meta name="description" content=".*?">\n',
        lambda _: f'<meta name="description" content="{html.escape(text)}">\n' + "".join(tags) + "\n",
        output,
        count=1,
    )


def card_path(page) -> str:
    """Where the page's picture for links lies in the site."""
    return f"assets/cards/{page.url.strip('/') or 'index'}.png"


def first_sentences(content: str) -> str:
    """The sentences of the first paragraph of a page, as many as are shown; at least one."""
    paragraph = re.search(r"<p>(.*?)</p>", content, re.S)
    text = re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", paragraph[1] if paragraph else "", flags=re.S)
    first, *others = re.split(r"(?<=[.?!:])\s+", " ".join(html.unescape(text).split()))
    for sentence in others:
        if len(first) + 1 + len(sentence) > LONGEST:
            break
        first += f" {sentence}"
    return first
