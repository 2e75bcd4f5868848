"""Columns of a table that lack cells, or hold too many texts to be categories."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.columns.bad_cells import ignoring
from netlang.catalogue.data.columns.kinds import are_too_many, first_missing
from netlang.catalogue.data.columns.table import Column, ReadTable
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.request import TableRequest
from netlang.catalogue.data.formats.source import Source
from netlang.catalogue.data.formats.vocabulary import MANY
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.columns import (
    Countless,
    Lacking,
    MissingCells,
    TooManyCategories,
)

_BLANKS = 2  # in a text that seems to be written in words
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T].*)?")


def not_counted(request: TableRequest, columns: Mapping[str, Gathering]) -> TooManyCategories:
    """What is wrong with columns of so many texts that the table was not read to its end."""
    texts = {name: cells.vocabulary.texts[0] for name, cells in columns.items()}
    return _too_many(request, [Countless(name, MANY, text) for name, text in texts.items()])


def _too_many(request: TableRequest, columns: Sequence[Countless]) -> TooManyCategories:
    names = [one.column for one in columns]
    categories = f"categories={as_source((*request.categories, *names))}"
    dates = all(_DATE.fullmatch(one.example) for one in columns)
    ignored = ignoring([*request.ignore, *names])
    texts = [one.column for one in columns if one.example.count(" ") >= _BLANKS]
    text = f"text={as_source((*request.text, *texts))}" if texts else ""
    if texts and not request.text and len(texts) == 1:
        text = f"text={as_source(texts[0])}"
    about = tuple(columns), ignored, categories, dates
    return TooManyCategories(request.at("path"), *about, text)


def emptied(request: TableRequest, table: ReadTable) -> Iterator[MissingCells]:
    """What is wrong with inputs that have cells in no row but those that are left out."""
    if empty := [column.name for column in table.columns if column.missing == table.rows]:
        columns = tuple(Lacking(name, table.rows, table.in_file(0), "") for name in empty)
        ignored = ignoring([*request.ignore, *empty])
        yield MissingCells(request.at("path"), None, columns, table.rows, ignored, True)


class Faults:
    """The faults of a table's input columns; ``inputs`` has each by its place in ``source``, and
    ``gathered`` its cells.
    """

    def __init__(
        self,
        source: Source,
        request: TableRequest,
        inputs: Mapping[int, Column],
        gathered: Mapping[int, Gathering],
    ) -> None:
        self.source, self.request, self.inputs, self.gathered = source, request, inputs, gathered

    def messages(self) -> Iterator[Diagnostic]:
        """At most one for each fault, about all columns that have it."""
        named = *self.request.categories, *self.request.codes
        countless = [
            place
            for place, column in self.inputs.items()
            if are_too_many(column) and column.name not in named
        ]
        if countless:
            yield self._too_many(countless)
        lacking = {place: one for place, one in self.inputs.items() if one.missing}
        empty = [place for place, one in lacking.items() if one.missing == one.rows]
        if empty:
            yield self._missing(empty, empty=True)
        elif lacking and self.request.missing == "refuse":
            yield self._missing(lacking, empty=False)

    def _missing(self, places: Collection[int], empty: bool) -> MissingCells:
        columns, firsts = list[Lacking](), list[tuple[int, int]]()
        for place in places:
            column = self.inputs[place]
            text, row = first_missing(column, self.gathered[place])
            columns.append(Lacking(column.name, column.missing, row + 1, text))
            firsts.append((row, place))
        span, count = self.source.cell(*min(firsts)), self.inputs[firsts[0][1]].rows
        used, ignored = self.request.at("path"), self._ignored(places)
        named = used if span else None
        texts = all(self.inputs[place].kind == "text" for place in places)
        return MissingCells(span or used, named, tuple(columns), count, ignored, empty, texts)

    def _too_many(self, places: Collection[int]) -> TooManyCategories:
        columns = [self.inputs[place] for place in places]
        countless = [
            Countless(one.name, len(one.categories), one.categories[0], one.rows) for one in columns
        ]
        return _too_many(self.request, countless)

    def _ignored(self, places: Collection[int]) -> str:
        names = (self.inputs[place].name for place in places)
        return ignoring([*self.request.ignore, *names])
