"""A file becomes a table of columns, and every cell is checked before training starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from netlang.catalogue.data.columns.bad_cells import BadCells
from netlang.catalogue.data.columns.cache import Cache, state_of
from netlang.catalogue.data.columns.dropping import without_gaps
from netlang.catalogue.data.columns.faults import Faults, emptied, not_counted
from netlang.catalogue.data.columns.kinds import (
    are_categories,
    are_countless,
    are_inexact,
    are_labels,
    categories,
    hold_names,
    mistakes,
    names,
    numbers,
)
from netlang.catalogue.data.columns.table import Column, ReadTable
from netlang.catalogue.data.columns.target import read_target
from netlang.catalogue.data.columns.texts import texts
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.endings import FRAMES, ending_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.header import Header
from netlang.catalogue.data.formats.opening import changed, opened, telling, without_rows
from netlang.catalogue.data.formats.request import TableRequest, lacking
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.named_file import check_expected, locate
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import EmptyData
from netlang.system.fingerprint import Fingerprint

_cache = Cache()
_Parsed = Callable[[TableRequest, Content], ReadTable]


def read_table(
    request: TableRequest, parsed: _Parsed | None = None
) -> tuple[Fingerprint, ReadTable]:
    """The file as it was read, and the table that is ``parsed`` of it.

    Raises NetError for a file, row or cell that cannot be used.
    """
    found = locate(request)
    known = found.fingerprint or _cache.fingerprint(found.path)
    if known and (table := _cache.table(known, request)):
        check_expected(request, found, known)
        return known, table
    before = None if found.fingerprint else state_of(found.path)
    content = read(request, found)
    try:
        read_it = _read_large if content.is_large else _read
        known, table = read_it(request, content, parsed or _parsed)
    except NetError:
        if found.expected:  # that it has changed since the run explains more
            check_expected(request, found, content.fingerprint())
        raise
    check_expected(request, found, known)
    _cache.add_fingerprint(known, before)
    _cache.add_table(known, request, table.size if content.is_large else len(content.data), table)
    return known, table


def _read(
    request: TableRequest, content: Content, parsed: _Parsed
) -> tuple[Fingerprint, ReadTable]:
    """Read a file that is in memory, unless its table is known."""
    known = content.fingerprint()
    return known, _cache.table(known, request) or parsed(request, content)


def _read_large(
    request: TableRequest, content: Content, parsed: _Parsed
) -> tuple[Fingerprint, ReadTable]:
    """Read a large file, and what tells it from others beside, as both take their time."""
    _cache.forget_tables()
    state = state_of(content.file)
    with ThreadPoolExecutor(1) as beside:
        known = beside.submit(content.fingerprint)
        try:
            table = parsed(request, content)
        except NetError:
            if state != state_of(content.file):  # which explains more
                raise changed(request) from None
            raise
        if state != state_of(content.file):
            raise changed(request)
        return known.result(), table


def _parsed(request: TableRequest, content: Content) -> ReadTable:
    """The table in a file, in whatever format.  Raises NetError."""
    if not content.is_large or ending_of(content.file.name) in FRAMES:
        return table_of(request, opened(content))
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(_check_text, request, content)
        try:
            table = table_of(request, opened(content, checked=True))
        except NetError:
            checked.result()  # which says so if the file is no text at all
            raise
        checked.result()
    return table


def _check_text(request: TableRequest, content: Content) -> None:
    with telling(request):
        content.check_text()


def table_of(request: TableRequest, source: Source) -> ReadTable:
    """The table in a ``source``, every cell of which is checked.  Raises NetError."""
    with telling(request, source):
        return Reader(source, request).table()


class Reader:
    """Reads a table; ``count`` is the number of its rows, once they are read."""

    def __init__(self, source: Source, request: TableRequest) -> None:
        self.source, self.request, self.count = source, request, 0
        self.bad = BadCells(source, request)

    def table(self) -> ReadTable:
        """Raises NetError, and what it raises to read the source."""
        header, request = Header(self.source, self.request), self.request
        inputs, others, target = header.inputs(), header.others(), header.target()
        named = {*request.categories, *request.text, *request.codes, *self.source.named}
        as_text = {target, *map(header.names.index, named)}
        beside = dict.fromkeys(others)  # one column may have two roles
        gathered = self._gathered([*inputs, *beside, target], as_text, inputs)
        of_targets = self._without_truths(gathered, target)
        gathered = {**gathered, **of_targets}
        task = self._task(gathered[target], of_targets)
        goal = read_target(gathered[target], task).replace(has_truths=bool(of_targets))
        for bad_text in goal.bad_texts:
            if bad_text.is_missing and request.missing != "refuse":
                continue
            self.bad.add(target, gathered[target].vocabulary, bad_text.code, bad_text)
        found = {column: self._column(column, gathered[column]) for column in (*inputs, *beside)}
        if self.bad:
            is_cut_off = any(cells.is_cut_off for cells in gathered.values())
            raise NetError(*self.bad.messages(self.count, is_cut_off))
        of_inputs = {column: found[column] for column in inputs}
        if messages := [*Faults(self.source, request, of_inputs, gathered).messages()]:
            raise NetError(*messages)
        columns, further = (tuple(map(found.__getitem__, some)) for some in (inputs, others))
        table = ReadTable(self.count, columns, goal, header.line_above(), further)
        return self._without_gaps(table) if request.missing != "refuse" else table

    def _task(self, target: Gathering, of_labels: Mapping[int, Gathering]) -> str:
        """What the first target is: of ``several``, which may be of different kinds, names are
        classes.
        """
        if self.request.task != "several":
            return self.request.task
        named = self.request.target in self.request.categories or hold_names(target)
        return "classification" if named and not of_labels else "labels"

    def _without_gaps(self, table: ReadTable) -> ReadTable:
        """The table without rows that lack a target, or another cell if these are to be dropped.

        Raises NetError if none is left, or no cell of an input.
        """
        asked = zip(self.request.others, table.others, strict=True)
        targets = [column for (argument, _), column in asked if argument == "target"]
        drops = self.request.missing == "drop"
        found = without_gaps(table, targets, (*table.columns, *table.others) if drops else ())
        if found.rows:
            if messages := [*emptied(self.request, found)]:
                raise NetError(*messages)
            return found
        if found.without_target == table.rows:
            help = "name another column for the `target`"
            raise lacking(self.request, "row with a target", help)
        what, help = '`missing="drop"` leaves no rows', 'fill cells in: `missing="mean"`'
        raise NetError(EmptyData(self.request.at("missing"), what, "", help))

    def _gathered(
        self, columns: Sequence[int], as_text: Collection[int], inputs: Collection[int]
    ) -> Mapping[int, Gathering]:
        """The cells of some columns; those of categories are read as texts, to know their names.

        Raises NetError, and what it raises to read the source.
        """
        limited = {*inputs} - {*as_text}
        if self.request.task not in ("classification", "several"):
            limited.add(columns[-1])  # the target
        gathered = self.source.gather(columns, as_text, limited)
        self.count = gathered[columns[0]].rows
        if not self.count:
            raise without_rows(self.request)
        if countless := {one: gathered[one] for one in inputs if are_countless(gathered[one])}:
            names = {self.source.header[place]: cells for place, cells in countless.items()}
            raise NetError(not_counted(self.request, names))
        mixed = {
            column
            for column, cells in gathered.items()
            if not cells.as_text and cells.numbers and are_categories(cells)
        }
        mixed |= {column for column in self._keys if are_inexact(gathered[column])}
        if not mixed:
            return gathered
        return {**gathered, **self.source.gather([*mixed], mixed, ())}

    def _without_truths(
        self, gathered: Mapping[int, Gathering], target: int
    ) -> Mapping[int, Gathering]:
        """The cells of targets that hold truth values, as 0 and 1, where all targets are labels."""
        if self.request.task not in ("labels", "several"):
            return {}
        names = [name for argument, name in self.request.others if argument == "target"]
        columns = [target, *map(self.source.header.index, names)]
        found = {one: gathered[one] for one in columns if gathered[one].has_truths}
        if not found or not all(are_labels(gathered[one]) for one in columns):
            return {}
        return {one: cells.without_truths(one == target) for one, cells in found.items()}

    @property
    def _keys(self) -> Collection[int]:
        """The columns whose numbers tell rows apart, and are nothing to calculate with."""
        roles = dict[str, set[str]]()
        for argument, name in self.request.others:
            roles.setdefault(name, set()).add(argument)
        keys = [name for name, arguments in roles.items() if arguments <= {"group", "order"}]
        return [*map(self.source.header.index, keys)]

    def _column(self, column: int, cells: Gathering) -> Column:
        name = self.source.header[column]
        if name in self.request.text:
            return texts(name, cells)
        if name in self.source.named:
            return names(name, cells)
        if are_categories(cells):
            return categories(name, cells)
        for code in mistakes(cells):
            self.bad.add(column, cells.vocabulary, code)
        return numbers(name, cells)
