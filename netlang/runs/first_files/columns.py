"""What the columns of a table hold, before anybody has said what they are for."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence

from netlang.catalogue.data.columns.kinds import are_categories, are_no_categories
from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.moments import as_moment
from netlang.catalogue.data.columns.suspects import numbers_rows
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.endings import DELIMITERS, FRAMES, ending_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.opening import opened, telling, without_rows
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.named_file import locate
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.wording import counted, listed, shortened
from netlang.system.record import Record

_SAMPLE = 200  # texts of a column, which tell what all of them are
_WORDS = 5  # of a text on average, at least, that is written in words
_LONG = 24  # characters of a text on average, at least, that may be written in words
_CATEGORIES = 4  # that are named with their rows
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T].*)?")

_CALLED = {
    **{"number": "numbers", "category": "categories", "date": "dates", "text": "texts"},
    "name": "names of rows",
}


class FoundColumn(Record):
    """A column by its ``name``. Its ``kind`` is "number", "category", "date", "text" where texts
    have several words, "name" where hardly two rows have the same one, or "empty".

    ``holds`` says what is in it. ``missing`` is how many cells are, and ``different`` how many
    others there are. ``identifies`` says that its numbers name rows, by its own name.
    """

    name: str
    kind: str
    holds: str
    missing: int
    different: int
    identifies: bool = False

    @property
    def called(self) -> str:
        """What messages and comments call such a column."""
        return _CALLED.get(self.kind, self.kind)

    @property
    def unfit(self) -> str:
        """Why nobody can predict the column, going on from its name; "" if that is possible."""
        if self.kind == "empty":
            return "has no cell that holds anything"
        if self.different == 1:
            return "is the same in all rows"
        if self.kind == "date":
            return "holds dates"
        if self.kind == "text":
            return "holds texts in words, which are no classes"
        if self.kind == "name":
            return "holds texts, and hardly two rows have the same one"
        return "names rows: each has another number" if self.identifies else ""


class FoundTable(Record):
    """The columns of a table in a file of so many ``rows``, with ``delimiter`` between cells."""

    columns: tuple[FoundColumn, ...]
    rows: int
    delimiter: str

    @property
    def by_name(self) -> Mapping[str, FoundColumn]:
        return {one.name: one for one in self.columns}


def found_table(path: str) -> FoundTable:
    """What the table at ``path`` holds.  Raises DiagnosticError for a file that cannot be read."""
    source = _opened(path)
    request = new_table(path, source.delimiter)
    with telling(request, source):
        gathered = source.gather(range(len(source.header)), ())
    rows = gathered[0].rows
    if not rows:
        raise without_rows(request)
    named = zip(source.header, (gathered[place] for place in sorted(gathered)), strict=True)
    return FoundTable(tuple(_column(name, cells) for name, cells in named), rows, source.delimiter)


def _opened(path: str) -> Source:
    """The table's source, with the sign between cells that makes the most of its first line.

    Raises DiagnosticError.
    """
    request = new_table(path, ",")
    content = read(request, locate(request))
    best = opened(content)
    if ending_of(path) in FRAMES:
        return best
    for delimiter in DELIMITERS:
        try:
            other = opened(content.replace(request=request.replace(delimiter=delimiter)))
        except DiagnosticError:
            continue
        if len(other.header) > len(best.header):
            best = other
    return best


def _column(name: str, cells: Gathering) -> FoundColumn:
    if cells.numbers and not are_categories(cells):
        return _of_numbers(name, cells)
    counts = cells.vocabulary.by_count()
    absent = marks_of_missing(counts)
    present = {text: count for text, count in counts.items() if text not in absent}
    missing = sum(counts[text] for text in absent)
    if not present:
        return FoundColumn(name, "empty", "nothing", cells.rows, 0)
    kind = _kind(present, cells.rows - missing)
    return FoundColumn(name, kind, _texts(kind, present), missing, len(present))


def _of_numbers(name: str, cells: Gathering) -> FoundColumn:
    numbers = array("d", [number for number in cells.values if number == number])
    least, most, different = min(numbers), max(numbers), len({*numbers})
    holds = f"{least:,.6g} to {most:,.6g}" if different > 1 else f"{least:,.6g} in all rows"
    counts = cells.vocabulary.by_count()
    missing = sum(count for text, count in counts.items() if marks_no_number(text))
    about = name, "number", holds, missing, different
    return FoundColumn(*about, identifies=different > 2 and numbers_rows(name, numbers))


def _kind(present: Mapping[str, int], rows: int) -> str:
    sample = [*present][:_SAMPLE]
    if all(_DATE.fullmatch(text) or as_moment(text) for text in sample) and not all(
        text.isdecimal() for text in sample
    ):
        return "date"
    words = sum(len(text.split()) for text in sample) / len(sample)
    long = sum(map(len, sample)) / len(sample)
    if words >= _WORDS and long >= _LONG and 2 * len(present) > rows:
        return "text"
    return "name" if are_no_categories(len(present), rows) else "category"


def _texts(kind: str, present: Mapping[str, int]) -> str:
    if kind == "date":
        return f"{shortened(min(present))} to {shortened(max(present))}"
    if kind in ("text", "name"):
        return f"{counted(len(present), 'different text')}, as `{shortened(next(iter(present)))}`"
    return _most_frequent(present)


def _most_frequent(present: Mapping[str, int]) -> str:
    ordered = sorted(present.items(), key=lambda one: (-one[1], one[0]))
    each = [f"{shortened(name)} {count:,}" for name, count in ordered]
    return listed(each, _CATEGORIES)


_TARGETS = ("target", "label", "labels", "class", "y", "outcome", "response", "output")


def likely_target(columns: Sequence[FoundColumn]) -> FoundColumn | None:
    """The column that one would predict: the first that is called so, or else the last that can
    be; None if there is none.
    """
    possible = [one for one in columns if not one.unfit]
    are_coordinates = any(one.name.casefold() == "z" for one in columns)
    names = {*_TARGETS} - ({"y"} if are_coordinates else set())
    called = [one for one in possible if one.name.casefold() in names]
    return called[0] if called else possible[-1] if possible else None
