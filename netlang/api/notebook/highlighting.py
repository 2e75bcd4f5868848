"""The text of a file in colours."""

from __future__ import annotations

from netlang.api.notebook.markup import Html, joined, tag
from netlang.language.syntax.lexis import KEYWORDS, TOKEN
from netlang.system.terminal import visible

_CLASSES = {"comment": "comment", "string": "string", "number": "figure"}


def source_html(text: str) -> Html:
    """A netlang text as a block, in which words, numbers and comments have their colours."""
    return tag("pre", highlighted(text.strip("\n")), class_="source")


def highlighted(text: str) -> Html:
    pieces = []
    for match in TOKEN.finditer(text):
        shown = match.group() if match.lastgroup in ("blank", "newline") else visible(match.group())
        kind = _class(match.lastgroup or "", match.group())
        pieces.append(tag("span", shown, class_=kind) if kind else shown)
    return joined(*pieces)


def _class(kind: str, text: str) -> str:
    if kind == "name":  # items of the catalogue begin with a large letter
        return "keyword" if text in KEYWORDS else "item" if text[0].isupper() else ""
    return _CLASSES.get(kind, "")
