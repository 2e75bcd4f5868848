"""A table's first line has to name its columns, and is checked here: it may be a row of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.formats.endings import DELIMITERS
from netlang.catalogue.data.formats.numbers import is_number
from netlang.catalogue.data.formats.opening import first_rows
from netlang.catalogue.data.formats.request import FileRequest, TableRequest, lacking
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.named_file import unreadable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import NoSuchColumn, add_names
from netlang.language.source import Span

_SPECTRUM = 10  # numbers that fall, at least, may be a spectrum's wavelengths
_MEASURED = 6  # decimals that a number has, at least, which nobody writes as a name
_MOST_NAMED = 8  # columns, in a line to write: of more, some are left out


class Header:
    """The first line of a ``source``, and the columns that ``request`` names."""

    def __init__(self, source: Source, request: TableRequest) -> None:
        self.source, self.request, self.names = source, request, source.header

    def inputs(self) -> list[int]:
        """The columns that are neither the target nor left out, once all names are checked.

        Raises NetError, and what it raises to read the source.
        """
        check_separated(self.source, self.request, self.request.target)
        self._check_known()
        left_out = {*self._asked, *self.request.ignore}
        inputs = [column for column, name in enumerate(self.names) if name not in left_out]
        if not inputs:
            help = "a table needs a column beside its target"
            raise lacking(self.request, "input column", help)
        self._check_names(inputs)
        return inputs

    def others(self) -> list[int]:
        """The columns that are asked for beside the inputs and the target."""
        return [self.names.index(column) for _, column in self.request.others]

    def target(self) -> int:
        return self.names.index(self.request.target)

    def line_above(self) -> str:
        """A line of names to write above the first line, if that is a row of data beyond doubt:
        numbers with decimals, in no order or with many decimals. "" if not.

        Names that rise may be thresholds or wavelengths; many names that fall may be a spectrum.
        """
        written = [name for name in self.names if is_number(name)]
        numbers = [float(name) for name in written]
        rising = sorted({*numbers})
        many = len(numbers) >= _SPECTRUM
        measured = any(len(name.partition(".")[2]) >= _MEASURED for name in written)
        in_order = numbers == rising and (many or not measured)
        in_order = in_order or (numbers == rising[::-1] and many)
        if in_order or not any("." in name for name in written):
            return ""
        if len(numbers) < 3 and min(numbers) >= 0:  # two may well be thresholds
            return ""
        return self._names_to_write("")

    def _check_known(self) -> None:
        """Raises NetError for a target that is no column, or else for other such names."""
        request, names = self.request, tuple(self.names)
        named = [("target", request.target)]
        if request.target in names:
            named = [*request.others]
            for argument in ("ignore", "categories", "text", "codes"):
                named += [(argument, name) for name in dict.fromkeys(getattr(request, argument))]
        missing = [(argument, column) for argument, column in named if column not in names]
        if not missing:
            return
        self._check_first_rows(nameless=any(not column for _, column in missing))
        line = self._names_to_write(request.target)
        found = (
            NoSuchColumn(self._written(argument, column), column, request.path, names, line)
            for argument, column in missing
        )
        raise NetError(*found)

    def _written(self, argument: str, column: str) -> Span | None:
        """Where ``argument`` names the ``column``."""
        span, name = self.request.at(argument), as_source(column)
        start = span.text.find(name) if span else -1
        if span is None or start < 0:
            return span
        return Span(span.source, span.start + start, span.start + start + len(name))

    def _check_names(self, inputs: Collection[int]) -> None:
        """Inputs and what is asked for need a name each; columns that are left out do not."""
        called = Counter(self.names[column] for column in inputs)
        called += Counter({name: self.names.count(name) for name in self._asked})
        self._check_first_rows(nameless="" in called)
        if called[""]:
            which, names, them = f"{called['']} of its columns have", "them names", "them"
            if called[""] == 1:
                which, names, them = "one of its columns has", "it one", "it"
            help = f'give {names} in the first line, or leave {them} out: `ignore=[""]`'
            raise unreadable(self.request, f"{which} no name", help)
        for name, count in called.items():
            if count > 1:
                raise self._repeated(name, count)

    @property
    def _asked(self) -> Collection[str]:
        """The columns that are asked for by name."""
        return {self.request.target, *(column for _, column in self.request.others)}

    def _repeated(self, name: str, count: int) -> NetError:
        many = "two" if count == 2 else str(count)
        reason = f"{many} of its columns are called `{name}`"
        help = "give one of them another name in the file's first line"
        if name not in self._asked:
            help += f", or leave all of them out: `ignore=[{as_source(name)}]`"
        if line := is_number(name) and self._names_to_write(""):
            reason += ": its first line seems to be a row of data"
            help = add_names(line)
        return unreadable(self.request, reason, help)

    def _check_first_rows(self, nameless: bool) -> None:
        """Where a column is ``nameless``, a delimiter may be one too many: then rows are ragged."""
        if nameless:
            self.source.first_rows()

    def _names_to_write(self, target: str) -> str:
        """A first line for a file whose own seems to be a row of data; "" for others."""
        rows = first_rows(self.source)
        if not rows or not is_row(self.names, rows[0]):
            return ""
        inputs = [f"x{number}" for number in range(1, len(self.names))]
        if len(self.names) > _MOST_NAMED:
            inputs = [*inputs[:2], "...", inputs[-1]]
        return self.source.delimiter.join([*inputs, target or "y"])


def is_row(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the first line has numbers where ``row``, a row of data, has numbers.

    Years are numbers that name columns, so this says something only if the names have another
    fault.

    >>> is_row(["5.1", "setosa"], ["4.9", "setosa"]), is_row(["x", "kind"], ["4.9", "setosa"])
    (True, False)
    """
    kinds = [is_number(name) for name in header]
    return any(kinds) and kinds == [is_number(cell.strip()) for cell in row]


def check_separated(source: Source, request: FileRequest, target: str) -> None:
    """Raises NetError for a header of one cell, as a table has two columns at least: it has
    other delimiters, or none.
    """
    if len(source.header) > 1:
        return
    (line,) = source.header
    if not line:
        help = "remove that line, or name the columns there"
        raise unreadable(request, "its first line is blank", help)
    if found := [one for one in DELIMITERS if one in line]:
        shown = as_source(found[0])
        reason = f"its cells seem to be separated by {shown}"
        raise unreadable(request, reason, f"write `delimiter={shown}` in `CSV(...)`")
    if len(line.split()) > 1 and target in line.split():
        reason = "its cells seem to be separated by blanks"
        raise unreadable(request, reason, "write a comma between cells")


def check_names(source: Source, request: FileRequest, needed: Collection[str] = ()) -> None:
    """Raises NetError where two columns have the same name, if it is ``needed``, or if no
    name is said to be.
    """
    for name, count in Counter(source.header).items():
        if count > 1 and (not needed or name in needed):
            reason = f"two of its columns are called `{name}`"
            raise unreadable(request, reason, "call them differently")
