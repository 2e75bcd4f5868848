"""HTML that is made of parts: whatever is no HTML yet is text, and is escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from netlang.system import shipped

_STYLE = "api/notebook/style.css"


class Html(str):
    """Text that is HTML already, and is put into other HTML as it is."""

    __slots__ = ()


def joined(*content: str) -> Html:
    """The HTML of all ``content``, one after the other."""
    return Html("".join(one if isinstance(one, Html) else html.escape(one) for one in content))


def tag(name: str, *content: str, **attributes: str) -> Html:
    """An element; an attribute that Python has for a word of its own ends in ``_``.

    >>> tag("p", "a < b", class_="note")
    '<p class="note">a &lt; b</p>'
    """
    pairs = (f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{''.join(pairs)}>{joined(*content)}</{name}>")


def line(*parts: str) -> Html:
    """A line of several things, with dots between them."""
    apart = (one for part in parts for one in (" · ", part))
    return tag("p", *[*apart][1:], class_="line")


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
    sums: Sequence[str] = (),
) -> Html:
    """A table; the columns in ``numbers`` are flush right, and the ``sums`` stand below it."""

    def row(cells: Sequence[str], cell: str = "td") -> Html:
        each = enumerate(cells)
        return tag("tr", *(tag(cell, one, **(_RIGHT if i in numbers else {})) for i, one in each))

    foot = [tag("tfoot", row(sums, "th"))] if sums else []
    return tag("table", tag("thead", row(head, "th")), tag("tbody", *map(row, rows)), *foot)


_RIGHT = {"class_": "number"}


def folded(title: str, *content: str, is_open: bool = False) -> Html:
    """A title that shows its content when it is clicked, which takes no script."""
    opened = {"open": ""} if is_open else {}
    return tag("details", tag("summary", title), *content, **opened)


def picture(svg: str, described: str, kind: str) -> Html:
    """An SVG as a picture of its own: its style is kept apart from the page's, and it is shown
    where SVG in HTML is not.
    """
    data = base64.b64encode(svg.encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    attributes = f'class="{kind}" alt="{html.escape(described)}" src="{source}"'
    return Html(f"<img {attributes}>")


def page(*content: str) -> str:
    """What a cell shows: the style, and the content that it is for. It is a plain text, as some
    notebooks take no other.
    """
    return str(tag("div", tag("style", Html(_style())), *content, class_="netlang"))


@cache
def _style() -> str:
    return shipped.inside(_STYLE).read_text(encoding="utf-8")
