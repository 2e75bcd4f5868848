"""X and y that Python has in memory take the place of the data that a file names.

What the file says of a table, or of arrays, holds for them, too: how columns are scaled, what
becomes of missing cells. What else training needs and the file does not say has a default by what
is predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from netlang.api.frames import array_of, of_unequal_lengths, unfit
from netlang.api.given.arrays import Samples
from netlang.api.given.cells import has_names
from netlang.api.given.rows import Rows
from netlang.api.given.wording import by_fit, of_memory
from netlang.api.sequences import LENGTHS, sequences_in
from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Arrays, DataSet, Table
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.compiler.ir import Program
from netlang.compiler.passes import Compilation, compile_source
from netlang.compiler.passes.stated import Stated, stated
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.python import UnfitData
from netlang.language.diagnostics.messages.settings import MissingSettings
from netlang.language.diagnostics.messages.tables import RepeatedRows
from netlang.language.source import SourceFile
from netlang.system.record import Record

_EPOCHS, _LARGE = 100, 10_000  # where the file does not say how to train; and samples


class Given(Record):
    """The ``compilation`` of a program whose data are in memory. Where these have classes,
    ``labels`` [classes] are those of y as it has them, in the order of their numbers.
    """

    compilation: Compilation
    labels: Any

    @property
    def program(self) -> Program:
        return self.compilation.require()


def given_program(
    source: SourceFile,
    overrides: Sequence[str],
    X: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    task: str = "auto",
    classes: Any = None,
    joins_equal: bool = False,
) -> Given:
    """The program that ``source`` says with ``overrides``, of the samples X and their targets y.

    X is a frame of pandas or polars, a dict of columns, or an array: rows [N, columns], or samples
    [N, *] of a file about arrays or of more dimensions, or sequences of unequal length in a list.
    Without y, a frame has the column to predict that the file names. ``sample_weight`` [N] says how
    much each sample counts in the loss; one of weight 0 is left out. ``task`` is the argument of
    ``Table``. ``classes`` are all that y may have in later fits. Where it ``joins_equal``, rows
    that are equal become one of their weights' sum, if a step of the training takes all rows.

    Raises NetError for what cannot be used, and TypeError for what is no table or array.
    """
    if y is None and isinstance(X, tuple) and len(X) == 2 and len(X[0]) == len(X[1]):
        raise TypeError("X and y are two arguments: `fit(*pair)` gives both")
    if sequences := sequences_in(X, _has_tokens(source, overrides)):
        X = dict(zip(("x", LENGTHS), sequences, strict=True))
        overrides = (*overrides, by_fit(f'data.lengths="{LENGTHS}"'))
    elif sequences_in(X, of_tokens=True):
        help = "give rows that are equally long, or say of how many tokens: `data__tokens=20`"
        raise of_unequal_lengths("X", X, help)
    said = stated(source, overrides)
    if said.data is None and not said.problems:  # what overrides say of data is about these
        overrides, said = _of_unnamed(source, overrides, X)
    if said.problems:
        raise NetError(*said.problems)
    asked = _asked_of_data(overrides)
    if said.data and "folds" in asked:
        raise NetError(_no_folds(said.data))
    if not _are_rows(X, said.data):
        return _given(source, overrides, said, Samples(X, y, sample_weight, said, task))
    rows = Rows(X, y, sample_weight, said, task, classes, asked)
    if not joins_equal or not _takes_all(said, rows.rows):
        return _given(source, overrides, said, rows)
    joined = copy(rows)
    joined.join_equal()
    try:
        return _given(source, overrides, said, joined)
    except NetError:  # which counts other rows than those of X
        return _given(source, overrides, said, rows)


def _given(
    source: SourceFile, overrides: Sequence[str], said: Stated, given: Rows | Samples
) -> Given:
    """The program of what is ``given``.  Raises NetError."""
    item = given.data_set(tests="test" in _asked_of_data(overrides))
    others = [one for one in overrides if one.partition("=")[0].partition(".")[0] != "data"]
    changes = [*others, by_fit(f"data={_written(item)}")]
    changes += _course(said, given.rows)
    made = compile_source(source, changes, to_run=True, given=item)
    missing = [one for one in made.diagnostics if isinstance(one, MissingSettings) and one.examples]
    if missing:
        each = (example for one in missing for example in one.examples)
        changes += [by_fit(example.replace(" = ", "=", 1)) for example in each]
        made = compile_source(source, changes, to_run=True, given=item)
    about = made.program and made.program.description
    found = made.diagnostics
    if about and not about.test + about.validation:  # no copy of a row is set aside
        found = tuple(one for one in found if not isinstance(one, RepeatedRows))
    diagnostics = tuple(map(of_memory, found))
    if made.program is None:
        raise NetError(*(one for one in diagnostics if one.is_error))
    odd = given.oddities() if isinstance(given, Rows) else given.oddities(made.program.graph)
    return Given(made.replace(diagnostics=(*diagnostics, *odd)), given.labels(item))


def _asked_of_data(overrides: Sequence[str]) -> frozenset[str]:
    """The arguments of the data that who calls says, and not the file."""
    names = (one.partition("=")[0].strip() for one in overrides)
    return frozenset(one.removeprefix("data.") for one in names if one.startswith("data."))


def _has_tokens(source: SourceFile, overrides: Sequence[str]) -> bool:
    """Whether the whole numbers of samples are tokens, as the file says, or who calls."""
    data = stated(source, overrides).data
    return "tokens" in _asked_of_data(overrides) or bool(data and data.values.get("tokens"))


def _no_folds(data: DataSet) -> Diagnostic:
    help = "`sklearn.model_selection.cross_val_score(NetClassifier(...), X, y)` tries each fold"
    return UnfitData(data.spans.get("folds"), "X", "`fit` trains once, on no folds", help)


def is_in_memory(program: Program) -> bool:
    """Whether the data of ``program``, which may be read from a model file, were X and y."""
    sets = (one for one in program.overrides if one.partition("=")[0].strip() == "data")
    return getattr(program.data, "path", "") == "X" and any('"X"' in one for one in sets)


def _of_unnamed(
    source: SourceFile, overrides: Sequence[str], X: Any
) -> tuple[Sequence[str], Stated]:
    """The overrides and what is stated, where the file names no data: overrides such as
    ``data.missing`` are arguments of a table then, or of arrays.
    """
    name = "Table" if _are_rows(X, None) else "Arrays"
    of_data = {one.name for one in Arrays.arguments} - {one.name for one in Table.arguments}
    named = [one.removeprefix("data.").partition("=")[0] for one in overrides]
    if of_data.intersection(named):
        name = "Arrays"
    changes = [*overrides, by_fit(f'data={name}("X", target="y")')]
    said = stated(source, changes)
    if isinstance(said.data, Table):
        said.data.target = ""  # no file says it, but y
    return changes, said


def _are_rows(X: Any, data: DataSet | None) -> bool:
    """Whether X is rows of a table, and no array of samples as those of ``data``."""
    if isinstance(X, Mapping):
        several = any(getattr(one, "ndim", 1) > 1 for one in X.values())
        return not (several or isinstance(data, ArrayData))
    if has_names(X):
        return True
    found = array_of(X)
    if found.ndim < 2:
        problem = f"X has the shape {[*found.shape]}, and samples are rows, [N, columns]"
        help = "`X.reshape(-1, 1)` makes a column of it, and `X.reshape(1, -1)` one row"
        raise unfit("X", problem, help)
    return found.ndim == 2 and not isinstance(data, ArrayData)


def _written(item: DataSet) -> str:
    """The data set as a file writes it, without what is so by default."""
    given = [one for one in item.arguments if one.required or item.values[one.name] != one.default]
    each = (f"{one.name}={as_source(item.values[one.name])}" for one in given if one.name != "path")
    return f"{item.name}({', '.join((as_source('X'), *each))})"


def _takes_all(said: Stated, rows: int) -> bool:
    """Whether a step of the training takes all rows."""
    batch = said.values.get("batch")
    return rows <= (batch if isinstance(batch, int) else _batch(rows))


def _batch(rows: int) -> int:
    """The size of a batch where the file does not say it."""
    batch = 256 if rows > _LARGE else 32
    while 2 * batch > rows and batch > 1:
        batch //= 2
    return batch


def _course(said: Stated, rows: int) -> list[str]:
    """How long to train, and by how many samples, where the file says neither this nor by which
    optimizer.
    """
    if {"optimizer", "epochs", "batch"} & said.settings:
        return []
    return [by_fit(f"epochs={_EPOCHS}"), by_fit(f"batch={_batch(rows)}")]
