"""The draft of a first file for a table: what is said of its data, each with the reason for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netlang.catalogue.data.columns.suspects import Threshold
from netlang.catalogue.data.formats.endings import separator
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.new_files import NothingLearned
from netlang.runs.first_files.columns import FoundColumn, FoundTable
from netlang.system.record import Record

_TEST, _VALIDATION = 0.2, 0.15


class Draft(Record):
    """``path`` is how the file names the table ``found``, and ``target`` what it predicts.

    Columns are ``ignored`` for a reason each, or learned from as ``texts``: these are read ``by``
    words, and the first ``context`` of them count. ``missing`` says what becomes of missing cells,
    and ``task`` what the target is; both are "" where that is plain. One number of each of the
    ``thresholds`` tells the target. ``test`` and ``validation``
    are shares of the rows.
    """

    path: str
    found: FoundTable
    target: FoundColumn
    ignored: Mapping[str, str]
    texts: tuple[str, ...] = ()
    missing: str = ""
    task: str = ""
    by: str = ""
    context: int = 0
    thresholds: tuple[Threshold, ...] = ()
    test: float = _TEST
    validation: float = _VALIDATION

    @property
    def inputs(self) -> tuple[FoundColumn, ...]:
        """The columns that are learned from."""
        left_out = {self.target.name, *self.ignored}
        return tuple(one for one in self.found.columns if one.name not in left_out)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of the table, beside its path; those that it has by itself are left out."""
        between = self.found.delimiter
        told = {
            "ignore": tuple(one.name for one in self.found.columns if one.name in self.ignored),
            "text": self.texts[0] if self.texts else "",
            "by": self.by,
            "context": self.context,
            "missing": self.missing,
            "task": self.task,
            "delimiter": "" if between == separator(self.path, ",") else between,
            "validation": self.validation,
        }
        found = {name: value for name, value in told.items() if value}
        test = {"test": 0} if not self.test else {}
        return {"target": self.target.name, **found, **test}

    def without(self, names: Sequence[str], reason: str) -> Draft:
        """The draft with more inputs left out.  Raises NetError if none is left then."""
        more = {one.name: reason for one in self.inputs if one.name in names}
        if not more:
            return self
        return self.replace(ignored={**self.ignored, **more}).checked()

    def checked(self) -> Draft:
        """The same.  Raises NetError if all columns but the target are left out."""
        if self.ignored and not self.inputs:
            left_out = tuple(self.ignored.items())
            raise NetError(NothingLearned(None, self.path, self.target.name, left_out))
        return self


def draft(path: str, found: FoundTable, target: FoundColumn) -> Draft:
    """A first draft; a text is learned from where there is nothing else.

    Raises NetError if there is nothing to learn from.
    """
    others = [one for one in found.columns if one.name != target.name]
    ignored = {one.name: one.useless for one in others if one.useless}
    texts = [one for one in others if one.kind == "text" and one.different > 1]
    learned = texts[:1] if len(ignored) == len(others) else []
    for one in learned:
        del ignored[one.name]
    by = "" if all(one.has_blanks for one in learned) else "characters"
    first = Draft(path, found, target, ignored, tuple(one.name for one in learned), by=by)
    gaps = any(one.missing for one in (target, *first.inputs))
    return first.replace(missing=("drop" if learned else "median") if gaps else "").checked()
