"""What the columns of a table hold, before anybody has said what they are for."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

from netlang.catalogue.data.columns.kinds import are_categories, are_no_categories
from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.moments import as_moment
from netlang.catalogue.data.columns.notation import has_thousands, interpret
from netlang.catalogue.data.columns.quantities import are_in_another_notation
from netlang.catalogue.data.columns.suspects import numbers_rows
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.endings import DELIMITERS, FRAMES, ending_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.opening import opened, telling, without_rows
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.named_file import locate
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.wording import counted, listed, shortened
from netlang.system.record import Record

_SAMPLE = 200  # texts of a column, which tell what all of them are
_WORDS = 5  # of a text on average, at least, that is written in words
_LONG = 24  # characters of a text on average, at least, that may be written in words
_SIGN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SIGNS = 2  # of scripts without blanks, such as Chinese, that are about a word
_CATEGORIES = 4  # that are named with their rows
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T].*)?")

_CALLED = {
    **{"number": "numbers", "category": "categories", "date": "dates", "text": "texts"},
    **{"name": "names of rows", "notation": "numbers as texts"},
}


class FoundColumn(Record):
    """A column by its ``name``. Its ``kind`` is "number", "category", "date", "text" where texts
    have several words, "name" where most rows have a text of their own, "notation" where texts are
    numbers with signs, units or commas, "unnamed" where others have this name, or "empty".

    ``holds`` says what is in it. ``missing`` is how many cells are, and ``different`` how many
    others there are. ``useless`` is why nothing is learned from it, and ``unfit`` why nobody can
    predict it, going on from its name; both are "" where that is possible.
    """

    name: str
    kind: str
    holds: str
    missing: int
    different: int
    useless: str = ""
    unfit: str = ""
    has_blanks: bool = True  # between its words

    @property
    def called(self) -> str:
        """What messages and comments call such a column."""
        return _CALLED.get(self.kind, self.kind)


class FoundTable(Record):
    """The columns of a table in a file of so many ``rows``, with ``delimiter`` between cells."""

    columns: tuple[FoundColumn, ...]
    rows: int
    delimiter: str

    @property
    def by_name(self) -> Mapping[str, FoundColumn]:
        return {one.name: one for one in self.columns}


def found_table(path: str) -> FoundTable:
    """What the table at ``path`` holds.  Raises NetError for a file that cannot be read."""
    source = _opened(path)
    request = new_table(path, source.delimiter)
    with telling(request, source):
        gathered = source.gather(range(len(source.header)), ())
    rows = gathered[0].rows
    if not rows:
        raise without_rows(request)
    called = Counter(source.header)
    columns = (
        _column(name, gathered[place])
        if name and called[name] == 1
        else _unnamed(name, called[name])
        for place, name in enumerate(source.header)
        if source.header.index(name) == place
    )
    return FoundTable(tuple(columns), rows, source.delimiter)


def _unnamed(name: str, count: int) -> FoundColumn:
    """As many columns as have one name, or none."""
    several = counted(count, "column")
    what = f"the name of {several}: give each its own" if name else "has no name in the first line"
    return FoundColumn(name, "unnamed", several, 0, 0, what)


def _opened(path: str) -> Source:
    """The table's source, with the sign between cells that makes the most of its first line.

    Raises NetError.
    """
    request = new_table(path, ",")
    content = read(request, locate(request))
    best = opened(content)
    if ending_of(path) in FRAMES:
        return best
    for delimiter in DELIMITERS:
        try:
            other = opened(content.replace(request=request.replace(delimiter=delimiter)))
        except NetError:
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
        nothing = "has no cell that holds anything"
        return FoundColumn(name, "empty", "nothing", cells.rows, 0, nothing, nothing)
    kind = _kind(present, cells.rows - missing)
    about = name, kind, _texts(kind, present), missing, len(present)
    if len(present) == 1 and kind != "date":
        return FoundColumn(*about, *_CONSTANT)
    useless, unfit = _why_not(kind, present, cells.rows - missing)
    return FoundColumn(*about, useless, unfit, any(" " in text for text in present))


_CONSTANT = "the same in all rows", "is the same in all rows"


def _why_not(kind: str, present: Mapping[str, int], rows: int) -> tuple[str, str]:
    """Why nothing is learned from texts of a kind, and why they are not predicted."""
    match kind:
        case "date":
            number = "write a number in its place, such as a year or a count of days"
            return f"dates: {number}", "holds dates"
        case "text":
            return "texts in words", "holds texts in words, which are no classes"
        case "name":
            some = f"{counted(len(present), 'different text')} in {counted(rows, 'row')}"
            return f"{some}: too many categories", f"holds {some}, too many for classes"
        case "notation":
            first, groups = next(iter(present)), all(map(has_thousands, present))
            change = interpret(first, thousands=groups).change
            plain = f"`{shortened(first)}`, which is no plain number: {change}"
            return plain, f"holds {plain}"
    return "", ""


def _of_numbers(name: str, cells: Gathering) -> FoundColumn:
    numbers = array("d", [number for number in cells.values if number == number])
    least, most, different = min(numbers), max(numbers), len({*numbers})
    holds = f"{least:,.6g} to {most:,.6g}" if different > 1 else f"{least:,.6g} in all rows"
    counts = cells.vocabulary.by_count()
    missing = sum(count for text, count in counts.items() if marks_no_number(text))
    about = name, "number", holds, missing, different
    if different == 1:
        return FoundColumn(*about, *_CONSTANT)
    identifies = different > 2 and numbers_rows(name, numbers)
    unfit = "names rows: each has another number" if identifies else ""
    return FoundColumn(*about, unfit=unfit)


def _kind(present: Mapping[str, int], rows: int) -> str:
    sample = [*present][:_SAMPLE]
    if all(_DATE.fullmatch(text) or as_moment(text) for text in sample) and not all(
        text.isdecimal() for text in sample
    ):
        return "date"
    if are_in_another_notation(present, present.keys(), {}):
        return "notation"
    signs = sum(len(_SIGN.findall(text)) for text in sample) / len(sample)
    words = sum(len(text.split()) for text in sample) / len(sample) + signs / _SIGNS
    long = sum(map(len, sample)) / len(sample) + signs
    if words >= _WORDS and long >= _LONG and 2 * len(present) > rows:
        return "text"
    return "name" if are_no_categories(len(present), rows) else "category"


def _texts(kind: str, present: Mapping[str, int]) -> str:
    if kind == "date":
        return f"{shortened(min(present))} to {shortened(max(present))}"
    if kind in ("text", "name", "notation"):
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
