"""A file of rows to test on holds cells that mean what the file of rows to learn from says.

Its cells are taken as they are written, and go through the pipeline of training, as those of new
samples do. Nothing is learned from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from netlang.catalogue.data.columns.cache import state_of
from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.datafile import read
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.header import check_names, check_separated
from netlang.catalogue.data.formats.opening import changed, opened, telling, without_rows
from netlang.catalogue.data.formats.request import FileRequest, lacking
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.named_file import check_expected, locate
from netlang.catalogue.data.pipeline import (
    Categories,
    Classes,
    ColumnError,
    Encoder,
    Goal,
    Labels,
    Numbers,
    Several,
    Texts,
    Values,
)
from netlang.catalogue.data.pipeline.cells import MISSING, Names, check_numbers
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.catalogue.data.table.checks import unfit
from netlang.catalogue.data.table.rows_read import RowsRead
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import BadCell, BadColumn, EmptyData
from netlang.system.fingerprint import Fingerprint


class SeparateTest:
    """The rows of the file at ``path``: the ``cells`` of each column that ``rows``, those to learn
    from, have for inputs, targets and weights, and those that divide rows if the file has them.

    ``count`` is how many rows they are, without those ``dropped``, which lack a cell;
    ``without_target`` of these lack a target.

    Raises NetError for a file that cannot be read, lacks a column or has a cell of which the
    rows to learn from say nothing.
    """

    def __init__(self, data: TableArguments, rows: RowsRead, path: str) -> None:
        self.data, self.path, self._rows = data, path, rows
        self.weights = data.weights if rows.weights is not None else ""
        self.encoders = [_encoder(data, column) for column in rows.table.columns]
        self.goal = _goal(rows)
        self._request = FileRequest(path, data.span, lambda _: data.at("test"), data.delimiter)
        self.file, self._source, self.cells = self._read()
        self._check()
        self.dropped = self.without_target = 0
        if self._may_lack:
            self._leave_out_gaps()

    @property
    def count(self) -> int:
        return next(iter(self.cells.values())).rows

    @cached_property
    def missing(self) -> Counter[str]:
        """How many cells each column of inputs lacks, which are filled in."""
        if not self._may_lack:
            return Counter()
        return Counter({one.name: len(self._gaps(one)) for one in self.encoders})

    @property
    def size(self) -> int:
        """The bytes that its cells take."""
        return sum(memoryview(cells.values).nbytes for cells in self.cells.values())

    def _read(self) -> tuple[Fingerprint, Source, Mapping[str, Gathering]]:
        request = self._request
        found = locate(request)
        content = read(request, found)
        before = state_of(content.file) if content.is_large else None
        source = opened(content)
        cells = self._gathered(source)
        known = content.fingerprint()
        if content.is_large and before != state_of(content.file):
            raise changed(request)
        check_expected(request, found, known)
        return known, source, cells

    def _gathered(self, source: Source) -> Mapping[str, Gathering]:
        request = self._request
        check_separated(source, request, self.data.names[0])
        names = [encoder.name for encoder in self.encoders]
        as_text = {encoder.name for encoder in self.encoders if encoder.as_text}
        names += self.goal.columns
        as_text.update(name for one in self.goal.each if one.as_text for name in one.columns)
        names += [self.weights] if self.weights else []
        for name in names:
            if name not in source.header:
                what = f"`{self.path}` has no column `{name}`, which `{self.data.path}` has"
                help = "give both files the same columns, or leave it out by `ignore`"
                raise unfit(self.data, "test", what, "has to have the same columns", help)
        columns = {column.name: column for column in self._rows.table.others}
        for name in (self.data.group, self.data.order):  # which it need not have
            if name in source.header:
                names.append(name)
                as_text.update([name] if columns[name].kind == "category" else ())
        check_names(source, request, names)
        places = {name: source.header.index(name) for name in names}
        with telling(request, source):
            gathered = source.gather([*places.values()], {places[name] for name in as_text})
        found = {name: gathered[place] for name, place in places.items()}
        if not found[names[0]].rows:
            raise without_rows(request)
        self.has_truths = isinstance(self.goal, Labels) and any(
            found[name].has_truths for name in self.goal.columns
        )
        return {**found, **dict(zip(self.goal.columns, self.goal.gathered(found), strict=True))}

    def _check(self) -> None:
        try:
            for encoder in self.encoders:
                encoder.check(self.cells[encoder.name])
            self.goal.check([self.cells[name] for name in self.goal.columns], self._may_lack)
            if self.weights:
                self._check_weights(self.cells[self.weights])
        except ColumnError as error:
            raise self._told(error) from None

    @property
    def _may_lack(self) -> bool:
        return self.data.missing != "refuse"

    def _check_weights(self, cells: Gathering) -> None:
        check_numbers(self.weights, cells, may_lack=self.data.missing == "drop")
        for row, weight in enumerate(cells.values if not cells.coded else ()):
            if weight < 0:
                wanted = "takes a weight, from 0 on"
                raise ColumnError.of_cell(self.weights, row, f"{weight:g}", wanted)

    def _leave_out_gaps(self) -> None:
        """Leave out rows without a target, and those that lack another cell if these are dropped.

        Raises NetError if none is left.
        """
        out = {
            row
            for one in self.goal.each
            for name in one.columns
            for row in _lacking(self.cells[name], one.names if isinstance(one, Classes) else None)
        }
        self.without_target = len(out)
        if self.data.missing == "drop":
            for encoder in self.encoders:
                out.update(self._gaps(encoder))
            out.update(_lacking(self.cells[self.weights], None) if self.weights else ())
        self.dropped = len(out)
        if self.without_target == self.count:
            help = "write the target of each row, or name another file"
            raise lacking(self._request, "row with a target", help)
        if self.dropped == self.count:
            what = f'`missing="drop"` leaves no rows of `{self.path}`'
            help = "fill cells in, or name another file"
            raise NetError(EmptyData(self.data.at("test"), what, "", help))
        if out:
            kept = [row for row in range(self.count) if row not in out]
            self.cells = {name: cells.of_rows(kept) for name, cells in self.cells.items()}

    def _gaps(self, encoder: Encoder) -> Sequence[int]:
        """The rows that lack a cell of an input's column."""
        if isinstance(encoder, Texts):
            return encoder.lacks(self.cells[encoder.name]).nonzero().flatten().tolist()
        names = encoder.names if isinstance(encoder, Categories) else None
        return _lacking(self.cells[encoder.name], names)

    def _told(self, error: ColumnError) -> NetError:
        """What is wrong with a cell, at its place in the file."""
        assert error.row is not None
        row, used = error.row - 1, self.data.at("test")
        with telling(self._request, self._source):
            span = self._source.cell(row, self._source.header.index(error.column))
        bad = (BadColumn(error.column, error.row, error.cell, 1, False),)
        helps = (error.help or None, "mend the cell, or remove the row")
        return NetError(
            BadCell(span or used, used if span else None, bad, False, error.wanted, helps)
        )


def _encoder(data: TableArguments, column: Column) -> Encoder:
    """What cells of a column have to be, before anything is learned."""
    may_lack = data.missing != "refuse"
    if column.kind == "number":
        return Numbers(column.name, fill=0.0 if may_lack else None)
    if column.kind == "text":
        return Texts(column.name, data.by, 1, (), (), may_lack)
    names = column.categories
    return Categories(column.name, names, (True,) * len(names), names[0] if may_lack else None)


def _goal(rows: RowsRead) -> Goal:
    if rows.are_labels:
        return Labels(rows.data.names)
    if not rows.are_mixed and None in rows.classes.values():
        return Values.fit(rows.data.names)
    each = [
        Classes((name,), classes) if classes else Values.fit((name,))
        for name, classes in rows.classes.items()
    ]
    return Several.of(each) if rows.are_mixed else each[0]


def _lacking(cells: Gathering, names: Sequence[str] | None) -> Sequence[int]:
    """The rows, from 0, without a number, or without one of ``names``; all other cells are known
    to be right.
    """
    if names is None:
        if cells.coded:
            return range(cells.rows)
        return [row for row, number in enumerate(cells.values) if number != number]
    missing = {code for code, one in enumerate(Names(names).of_texts(cells)) if one == MISSING}
    return [row for row, code in enumerate(cells.values) if code in missing] if missing else ()
