"""The page of each code: what it means, an example that fails, and one that works.

Pages are the Markdown files beside this one, a file for each code. The words of a fence say what an
example is: ``net fails`` and ``net``, with ``run`` if it is only wrong to train; ``csv name`` is a
file beside it, ``sh`` a command for what no file shows.
"""

from __future__ import annotations

import re

from netlang.system import shipped
from netlang.system.record import Record

_FOLDER = "language/diagnostics/pages"
_FENCE = re.compile(r"^```(?P<words>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_WRITTEN = re.compile(
    r"(?:error|warning)?\[?(?P<letter>[ew]?)-?(?P<number>[0-9]{1,8})\]?:?", re.IGNORECASE | re.ASCII
)


class Example(Record):
    """``words`` are those of its fence, such as ("net", "fails")."""

    words: tuple[str, ...]
    text: str


class Page(Record):
    """``title`` without the code, ``text`` the whole page as Markdown."""

    code: str
    title: str
    text: str

    @property
    def examples(self) -> tuple[Example, ...]:
        found = _FENCE.finditer(self.text)
        return tuple(Example(tuple(one["words"].split()), one["text"]) for one in found)


def codes() -> list[str]:
    """All codes that have a page, in order."""
    return list(shipped.files_in(_FOLDER, ".md"))


def codes_as_written(text: str) -> list[str]:
    """The codes that ``text`` can mean. It may lack the letter or leading zeros.

    >>> codes_as_written("e301"), codes_as_written("301"), codes_as_written("error[E0301]")
    (['E0301'], ['E0301'], ['E0301'])
    """
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        return []
    letter, number = found["letter"].upper(), f"{int(found['number']):04}"
    return [code for code in codes() if code[1:] == number and code[0] in (letter or code)]


def page(code: str) -> Page:
    """The page of ``code``.  Raises KeyError if there is none."""
    text = shipped.files_in(_FOLDER, ".md")[code].read_text(encoding="utf-8")
    first, _, _ = text.partition("\n")
    return Page(code, first.removeprefix(f"# {code}: "), text)
