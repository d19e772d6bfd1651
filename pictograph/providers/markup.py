"""The text in the HTML that services write posts and captions in."""

import re
from collections.abc import Iterator
from html import unescape

from classifier.pictures.xmp import LONGEST_TEXT
from pictograph.providers.fields import line_of

LONGEST_HTML = 40_000  # some servers take posts of many thousand letters
_TAG = re.compile(r"<(!--|[/!?]?[a-z][a-z0-9]{0,20})")
_UNSEEN = frozenset({"script", "style", "template", "head"})
_ENDLESS_NUMBER = re.compile(r"&#x?[0-9a-f]{9,};?", re.IGNORECASE)  # no letter has one, and `unescape` raises
_BREAKS = frozenset({"p", "br", "li", "div", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"})


def plain_text(html: object) -> str:
    """The text in HTML, in one line and no longer than a caption may be.

    >>> plain_text("<p>At the lake<br>with&nbsp;Tom &amp; <b>Ann</b></p><p>#ice</p>")
    'At the lake with Tom & Ann #ice'
    """
    if not isinstance(html, str):
        return ""
    texts = (unescape(_ENDLESS_NUMBER.sub("", text)) for text in _texts_in(html[:LONGEST_HTML]))
    return line_of("".join(texts), LONGEST_TEXT)


def _texts_in(html: str) -> Iterator[str]:
    """What stands between tags, read in one pass: `html.parser` takes half a minute for 40,000 letters like `<a <a`."""
    small, at = html.lower(), 0
    if len(small) != len(html):  # a few letters are longer when small
        small = html
    while (start := html.find("<", at)) >= 0:
        yield html[at:start]
        tag = _TAG.match(small, start)
        if tag is None:
            yield "<"
            at = start + 1
            continue
        closing = "-->" if tag[1] == "!--" else f"</{tag[1]}" if tag[1] in _UNSEEN else ">"
        end = small.find(closing, start)
        if end < 0:
            return
        if tag[1].lstrip("/") in _BREAKS:
            yield " "
        at = end if tag[1] in _UNSEEN else end + len(closing)
    yield html[at:]
