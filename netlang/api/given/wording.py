"""What is wrong with data in memory is said of these, and not of a file that would hold them.

The compiler sees them as a file's data, `data=Table("X", target="y")`, which nobody wrote.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

from netlang.catalogue.data import Arrays, Table
from netlang.catalogue.data.formats.numbers import is_number
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.columns import TooManyCategories
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.python import UnfitData
from netlang.language.diagnostics.rendering.text import render
from netlang.language.syntax import ByOption

_BY = "fit(X, y)"  # what calls the text that says of what is given
_READ_HERE, _NO_TOKENS = "read here", "E0313"
_ARGUMENTS = "|".join({one.name for kind in (Table, Arrays) for one in kind.arguments})
_ARGUMENT = re.compile(rf"`(({_ARGUMENTS})=([^`]+))`")
_OF_FILES = {
    "name one of the columns of the file's first line": "name one of these columns",
    " in the file's first line": "",
    " in the first line": "",
    "give the file rows of": "give rows of",
    ", or mend the file": "",
    "leave one of each in the file": "leave one of each",
}


def by_fit(text: str) -> ByOption:
    """An override that ``fit`` makes of what it is given."""
    return ByOption(_BY, text)


def of_memory(found: Diagnostic) -> Diagnostic:
    """``found``, as it is said of data in memory: its arguments are those of a call."""
    if isinstance(found, DataFileUnreadable):
        helps = _helps(found)
        about = f"X cannot be used: {found.reason}", helps[0] if helps else ""
        return UnfitData(None, "X", *about, *helps[1:2])
    is_of_fit = found.span is not None and found.span.source.name == _BY
    if not is_of_fit and not any(map(_ARGUMENT.search, found.helps)):
        return found
    notes, label = found.notes, found.label
    if is_of_fit and label and label != _READ_HERE:  # it stands below no text
        notes, label = (label, *notes), ""
    labels = tuple(one for one in found.labels if one.span.source.name != _BY)
    said = found.message().replace(
        title=_said(found.title), label=label, labels=labels, notes=notes, helps=_helps(found)
    )
    return (found.replace(span=None) if is_of_fit else found).saying(said)


def warn_of_data(found: Iterable[Diagnostic]) -> None:
    """Warn whoever has called ``fit`` of what looks like a mistake in X and y: no text has it."""
    for one in found:
        if one.span is None and not one.is_error:
            warnings.warn(render(one), stacklevel=3)


def _helps(found: Diagnostic) -> tuple[str, ...]:
    helps = [*map(_said, found.helps)]
    if found.code == _NO_TOKENS:
        helps.insert(0, "whole numbers below 20 in an array are tokens by `data__tokens=20`")
    if isinstance(found, TooManyCategories) and all(
        is_number(one.example) for one in found.columns
    ):
        name = found.columns[0].column
        helps.append(f"if they are numbers, give them as such: `X[{name!r}].astype(float)`")
    each = (_ARGUMENT.search(help) for help in found.helps)
    if first := next(filter(None, each), None):
        _, name, value = first.groups()
        of_python = {"true": "True", "false": "False"}.get(value, value)
        helps.append(
            f"such arguments go to `netlang.load(..., data__{name}={of_python})`, or to an "
            f'estimator: `NetClassifier(..., **{{"data.{name}": {of_python}}})`'
        )
    return tuple(helps)


def _said(text: str) -> str:
    for of_a_file, of_memory in _OF_FILES.items():
        text = text.replace(of_a_file, of_memory)
    return _ARGUMENT.sub(r"`data__\1`", text)
