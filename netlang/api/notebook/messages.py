"""Diagnostics as HTML: each as the command line shows it, with the page about it to unfold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from netlang.api.notebook.highlighting import source_html
from netlang.api.notebook.markup import Html, folded, joined, table, tag
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.pages import codes, page
from netlang.language.diagnostics.rendering.excerpt import Style
from netlang.language.diagnostics.rendering.text import render

_SHOWN = 20  # mending the first mistakes of a file that has more tends to mend others
# A message holds none of these: it writes control characters out.
_BEGIN, _END, _BETWEEN = "\x02", "\x03", "\x1f"
_PIECE = re.compile(f"{_BEGIN}(?P<style>[a-z]+){_BETWEEN}(?P<text>[^{_END}]*){_END}")
_BLOCK = re.compile(
    r"^```(?P<words>[^\n]*)\n(?P<code>.*?)^```$|(?P<text>[^\n]+(?:\n(?!```)[^\n]+)*)",
    re.MULTILINE | re.DOTALL,
)
_CODE = re.compile(r"`([^`]+)`")


def messages_html(diagnostics: Iterable[Diagnostic]) -> Html:
    """All of ``diagnostics``, or the first of very many."""
    found = [*diagnostics]
    more = len(found) - _SHOWN
    rest = [tag("p", f"... and {more} more", class_="pale")] if more > 0 else []
    return joined(*map(message_html, found[:_SHOWN]), *rest)


def message_html(diagnostic: Diagnostic) -> Html:
    pieces: list[str] = []
    end = 0
    text = render(diagnostic, _mark)
    for found in _PIECE.finditer(text):
        pieces += [text[end : found.start()], tag("span", found["text"], class_=found["style"])]
        end = found.end()
    pieces.append(text[end:])
    kind = "message" if diagnostic.is_error else "message warning"
    return joined(tag("pre", *pieces, class_=kind), *explained_html(diagnostic.code))


def _mark(text: str, style: Style) -> str:
    return f"{_BEGIN}{style}{_BETWEEN}{text}{_END}"


def explained_html(code: str) -> Sequence[Html]:
    """The page about a code, folded under its name; nothing for one that has no page."""
    if code not in codes():
        return ()
    found = page(code)
    _, _, text = found.text.partition("\n")
    return [folded(f"{code}: more about it", *_blocks(text))]


def _blocks(markdown: str) -> Iterator[Html]:
    """The paragraphs, examples and tables of a page, which has nothing else."""
    for found in _BLOCK.finditer(markdown):
        if found["text"] is None:
            is_net = found["words"].startswith("net")
            code = found["code"].rstrip()
            yield source_html(code) if is_net else tag("pre", code, class_="source")
        elif found["text"].startswith("|"):
            head, _, *rows = (_cells(line) for line in found["text"].splitlines())
            yield table(head, rows)
        else:
            yield tag("p", _inline(found["text"]))


def _cells(line: str) -> list[str]:
    return [_inline(cell.strip()) for cell in line.strip("|").split("|")]


def _inline(text: str) -> Html:
    """A text whose words between backticks are code."""
    pieces = _CODE.split(text)
    return joined(*(tag("code", one) if i % 2 else one for i, one in enumerate(pieces)))
