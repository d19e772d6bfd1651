"""Reading the text in HTML."""

from typing import Any, Self

import pytest

from pictograph.providers.markup import _texts_in, plain_text


class Watched(str):
    """A text that counts how many of its letters a search goes over."""

    __slots__ = ()
    gone_over: list[int] = []

    def find(self, sub: str, start: Any = 0, end: Any = None, /) -> int:
        found = super().find(sub, start, end)
        self.gone_over.append((found if found >= 0 else len(self)) - start)
        return found

    def lower(self) -> Self:
        return type(self)(super().lower())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("a<br/>b<br>c", "a b c"),
        ("5 &lt; 6 &amp;&amp; 7 &#x1F600;", "5 < 6 && 7 😀"),
        (
            '<a href="https://a.example/x"><span class="invisible">https://</span><span>a.example/x</span></a>',
            "https://a.example/x",
        ),
        ("<script>alert(1)</script><style>p{}</style>Hi", "Hi"),
        ("<p>broken <b", "broken"),
        ("&lt;script&gt;", "<script>"),
        ("1 < 2 <!-- no --> and 3<4", "1 < 2 and 3<4"),
        ("<P>UP</P><SCRIPT>no</SCRIPT >yes", "UP yes"),
        ("<script>no", ""),
        ("&#99999999999;&#x110000;", "\ufffd"),
        ("İ<b>x</b>", "İx"),
        ("plain\n\n text\x00\x1b[0m", "plain text[0m"),
        (None, ""),
        (["<p>"], ""),
    ],
)
def test_posts_are_read_as_plain_text(html: object, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "html",
    ["<", "&#9", "<script>", "</p", "&amp", "<a ", "&", "<!--", "<p>", "</", "<a <a", "<style></script>"],
)
def test_markup_without_sense_is_gone_over_once(html: str) -> None:
    watched = Watched(html * 10_000)
    Watched.gone_over.clear()
    assert sum(map(len, _texts_in(watched))) <= len(watched)
    assert sum(Watched.gone_over) <= 2 * len(watched)
    assert len(plain_text(watched)) <= len(watched)
