"""A table says what it has against a draft; each message that names a way out is answered.

What has no answer but to mend the table is told to whoever asked for the file.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path

from netlang.catalogue.data import Description, Table
from netlang.catalogue.data.columns.suspects import thresholds
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.columns import (
    MissingCells,
    TooManyCategories,
    UnfitArgument,
)
from netlang.language.diagnostics.messages.data import BadCell, EmptyData
from netlang.language.diagnostics.messages.new_files import ToMend
from netlang.language.diagnostics.messages.tables import (
    ConstantColumns,
    GivenAway,
    RareClasses,
    RowNumbers,
    TargetTaken,
    TextsCut,
)
from netlang.language.diagnostics.wording import shortened
from netlang.runs.first_files.draft import Draft

_MOST_CONTEXT = 1024  # words of a text, unless many are longer
_MORE = 4  # times as many are taken then


def settled(draft: Draft, folder: Path) -> tuple[Draft, Description]:
    """The draft once its messages are answered, and what its table holds then; paths start at
    ``folder``.

    Raises NetError for errors and warnings that have no answer.
    """
    while True:
        table = Table(str(folder / draft.path), **draft.arguments)
        try:
            described, found = table.describe(), [*table.warnings()]
        except NetError as error:
            answered = reduce(_answered, error.diagnostics, draft)
            if answered is draft:
                raise
        else:
            answered = reduce(_answered, found, draft)
            if answered is draft and found:
                raise NetError(ToMend(None, draft.path, found[0]))
            if answered is draft:
                return draft.replace(thresholds=(*thresholds(table.table),)), described
        draft = answered


def _answered(draft: Draft, message: Diagnostic) -> Draft:
    """The draft with an answer to the message; the same one if there is none.

    An answer is given once: each leaves out a column, or sets what was not set.
    """
    match message:
        case MissingCells(empty=True):
            names = [one.column for one in message.columns]
            return draft.without(names, "has no cell that holds anything")
        case MissingCells() if not draft.missing:
            return draft.replace(missing="drop" if message.texts else "median")
        case TooManyCategories():
            names = [one.column for one in message.columns]
            return draft.without(names, "too many different texts to be categories")
        case BadCell():
            names = [one.column for one in message.columns]
            first, left = message.columns[0], {one.name for one in draft.inputs}
            if left - {*names}:
                reason = f"row {first.row} {first.found}: mend it, and leave this out"
                return draft.without(names, reason)
        case ConstantColumns() if message.ignored:
            return draft.without(message.columns, "the same in all rows")
        case RowNumbers():
            return draft.without(message.columns, "numbers the rows")
        case GivenAway() if len(draft.inputs) > 1:
            reason = f"says `{shortened(message.target)}` in all rows: do new rows have it?"
            return draft.without([message.column], reason)
        case TargetTaken() if not draft.task:
            return draft.replace(task="classification" if message.classes else "regression")
        case RareClasses() if not draft.task and draft.target.kind == "number":
            return draft.replace(task="regression")
        case TextsCut() if draft.context < message.most:
            most = _MORE * draft.context or _MOST_CONTEXT
            return draft.replace(context=min(message.most, most))
        case UnfitArgument() if draft.texts and not draft.by and "no word of" in message.title:
            return draft.replace(by="characters")
        case EmptyData() if draft.validation:
            return draft.replace(validation=0.0)
        case EmptyData() if draft.test:
            return draft.replace(test=0.0)
    return draft
