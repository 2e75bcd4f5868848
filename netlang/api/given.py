"""X and y that Python has in memory take the place of the data that a file names.

What the file says of a table, or of arrays, holds for them, too: how columns are scaled, what
becomes of missing cells. What else training needs and the file does not say has a default by what
is predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.api.frames import array_of, columns_of, kind_of_frame, unfit
from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Arrays, DataSet, Table
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.stated import Stated, stated
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.python import UnfitData
from netlang.language.diagnostics.messages.settings import MissingSettings
from netlang.language.source import SourceFile
from netlang.language.syntax import ByOption
from netlang.system.lazy import np
from netlang.system.record import Record

if TYPE_CHECKING:
    from polars import DataFrame, Series

_BY = "fit(X, y)"  # what messages call the text that says of what is given
_EPOCHS, _LARGE = 100, 10_000  # where the file does not say how to train; and samples
_WEIGHT, _CODE = "sample weight", "class of y"  # columns that nobody else calls so


class Given(Record):
    """A ``program`` whose data are in memory. Where these have classes, ``labels`` [classes] are
    those of y as it has them, in the order of their numbers.
    """

    program: Program
    labels: Any


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
    [N, *] of a file about arrays or of more dimensions. Without y, a frame has the column to
    predict that the file names. ``sample_weight`` [N] says how much each sample counts in the loss;
    one of weight 0 is left out. ``task`` is the argument of ``Table``. ``classes`` are all that y
    may have in later fits. Where it ``joins_equal``, rows that are equal become one of their
    weights' sum, if a step of the training takes all rows.

    Raises NetError for what cannot be used, and TypeError for what is no table or array.
    """
    said = stated(source, overrides)
    if said.data is None:  # what is said of data that the file does not name is about these
        overrides, said = _of_unnamed(source, overrides, X)
    others = [one for one in overrides if one.partition("=")[0].partition(".")[0] != "data"]
    if _are_rows(X, said.data):
        rows = _Rows(X, y, sample_weight, said, task, classes)
        if joins_equal and _takes_all(said, rows.rows):
            rows.join_equal()
        given: _Rows | _Arrays = rows
    else:
        given = _Arrays(X, y, sample_weight, said, task)
    item = given.data_set()
    changes = [*others, ByOption(_BY, f"data={_written(item)}")]
    changes += _course(said, given.rows)
    made = compile_source(source, changes, to_run=True, given=item)
    missing = [one for one in made.diagnostics if isinstance(one, MissingSettings) and one.examples]
    if missing:
        each = (example for one in missing for example in one.examples)
        changes += [ByOption(_BY, example.replace(" = ", "=", 1)) for example in each]
        made = compile_source(source, changes, to_run=True, given=item)
    if made.program is None:
        raise NetError(*map(_of_memory, made.diagnostics))
    return Given(made.program, given.labels(item))


def _of_memory(found: Diagnostic) -> Diagnostic:
    """``found``, which does not say of data in memory that they are a file."""
    if isinstance(found, DataFileUnreadable):
        return UnfitData(found.span, "X", f"X cannot be used: {found.reason}", found.help)
    return found


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
    whole = ByOption(_BY, f'data={name}("X", target="y")')
    return [*overrides, whole], stated(source, [*overrides, whole])


def _are_rows(X: Any, data: DataSet | None) -> bool:
    """Whether X is rows of a table, and no array of samples as those of ``data``."""
    if _has_names(X):
        return True
    found = array_of(X)
    if found.ndim < 2:
        problem = f"X has the shape {[*found.shape]}, and samples are rows, [N, columns]"
        help = "`X.reshape(-1, 1)` makes a column of it, and `X.reshape(1, -1)` one row"
        raise unfit("X", problem, help)
    return found.ndim == 2 and not isinstance(data, ArrayData)


def _has_names(X: Any) -> bool:
    """Whether X is a frame, a dict of columns, or a list of rows that are dicts."""
    is_list = isinstance(X, list | tuple) and bool(X)
    return bool(kind_of_frame(X)) or isinstance(X[0] if is_list else X, Mapping)


class _Rows:
    """Rows of a table: ``frame`` has the columns of X, of y, and the weights, if there are any."""

    def __init__(
        self, X: Any, y: Any, sample_weight: Any, said: Stated, task: str, classes: Any
    ) -> None:
        import polars

        self.said = said.data.values if isinstance(said.data, Table) else {}
        self.like = said.data
        columns = {name: _series(name, cells) for name, cells in _columns(X).items()}
        rows = _count("X", columns)
        own = self._own_targets()
        if y is None and not {*own} <= {*columns}:
            raise TypeError("fit takes y, the targets of X")
        if y is None:
            targets = {name: columns[name] for name in own}
        else:
            targets = _targets(y, own, [*columns])
            if (count := _count("y", targets)) != rows:
                problem = f"X has {rows:,} samples, and y {count:,} targets"
                raise unfit("y", problem, "give a target for each sample")
        for name in (*own, *targets):
            columns.pop(name, None)
        if not columns:
            raise unfit("X", "X has no column beside those to predict", "give more columns")
        self.names, self._all = tuple(targets), classes
        self._labels: Any = None
        self._dtype: Any = None
        self.task = str(self.said.get("task", "auto")) if task == "auto" else task
        if len(targets) == 1:
            ((name, target),) = targets.items()
            found = target.to_numpy() if y is None or _has_names(y) else _plain(y).reshape(rows)
            self._dtype, targets = found.dtype, {name: self._coded(target, found)}
        weights = _weights(sample_weight, rows)
        self.frame: DataFrame = polars.DataFrame([*columns.values(), *targets.values()])
        self._weigh(weights)

    def _own_targets(self) -> tuple[str, ...]:
        """The columns that the file predicts."""
        target: Any = self.said.get("target")
        return (target,) if isinstance(target, str) else target or ()

    def _coded(self, target: Series, found: Any) -> Series:
        """The numbers of the classes that an array [N] holds, where the ``target`` that was made of
        it names such beyond doubt; else the target.
        """
        import polars

        are_texts = not target.dtype.is_numeric()
        if self.task != "classification" and not (self.task == "auto" and are_texts):
            return target
        cells = found.tolist()
        is_there = np.array([not _is_missing(one) for one in cells], bool)
        try:
            self._labels = np.unique(found[is_there] if self._all is None else self._all)
        except TypeError:
            kinds = sorted({type(one).__name__ for one in cells})
            problem = f"the classes of y are of several types: {', '.join(kinds)}"
            raise unfit("y", problem, "give texts, or numbers") from None
        numbers = {one: at for at, one in enumerate(self._labels.tolist())}
        there = zip(cells, is_there.tolist(), strict=True)
        codes = [numbers.get(one, -1) if is_one else None for one, is_one in there]
        if -1 in codes:
            problem = f"y holds the class {cells[codes.index(-1)]!r}, and `classes` lacks it"
            raise unfit("y", problem, "name it there")
        return polars.Series(target.name, codes, dtype=polars.Int64).cast(polars.String)

    def _weigh(self, weights: Any) -> None:
        """Take the weights for a column, unless all rows count alike; without those that count
        nothing.
        """
        import polars

        self.weighs = weights is not None
        if weights is None:
            return
        weighed = self.frame.with_columns(polars.Series(_WEIGHT, weights))
        self._take(weighed.filter(polars.col(_WEIGHT) > 0))

    def join_equal(self) -> None:
        """Let rows that are equal be one, in an order that does not depend on theirs."""
        import polars

        frame = self.frame
        if not self.weighs:
            frame = frame.with_columns(polars.lit(1.0).alias(_WEIGHT))
        keys = [name for name in frame.columns if name != _WEIGHT]
        joined = frame.group_by(keys).agg(polars.col(_WEIGHT).sum())
        self._take(joined.select(frame.columns).sort(keys))

    def _take(self, weighed: DataFrame) -> None:
        """Take rows with their weights, unless all count alike."""
        self.weighs = weighed[_WEIGHT].n_unique() > 1
        self.frame = weighed if self.weighs else weighed.drop(_WEIGHT)

    @property
    def rows(self) -> int:
        return self.frame.height

    def data_set(self) -> Table:
        from netlang.catalogue.data.formats.held import HeldTable

        values: dict[str, Any] = {**self.said}
        shared = {"validation", "standardize"} & {*(self.like.values if self.like else ())}
        if self.like and not self.said:
            values = {name: self.like.values[name] for name in shared}
        columns = {*self.frame.columns}
        values["ignore"] = tuple(one for one in values.get("ignore", ()) if one in columns)
        for role in ("group", "order"):
            if values.get(role) not in columns:
                values[role] = ""
        values |= {"path": "X", "target": self.names if len(self.names) > 1 else self.names[0]}
        values |= {"test": 0.0, "folds": 0, "fold": None, "delimiter": ","}
        values["task"] = "classification" if self._labels is not None else self.task
        if self.weighs or values.get("weights") not in (*columns, "balanced"):
            values["weights"] = _WEIGHT if self.weighs else ""
        item = Table.declared(values)
        item.held, item.weighs_moments = HeldTable(self.frame, "X"), self.weighs
        item.spans = self.like.spans if self.like else {}
        if self._labels is not None:
            item.all_classes = tuple(map(_name, self._labels.tolist()))
        return item

    def labels(self, item: DataSet) -> Any:
        described = item.describe()
        if self._labels is None and described.classes and self._dtype is not None:
            return np.array([*map(float, described.classes)]).astype(self._dtype)
        return self._labels


class _Arrays:
    """Samples [N, *] of an array."""

    def __init__(self, X: Any, y: Any, sample_weight: Any, said: Stated, task: str) -> None:
        self.like = said.data
        self.X, self.y = array_of(X), None if y is None else _plain(y)
        self.said = said.data.values if isinstance(said.data, ArrayData) else {}
        self.task = str(self.said.get("task", "auto")) if task == "auto" else task
        if not len(self.X):
            raise unfit("X", "X has no samples", "give one at least")
        if self.y is not None and len(self.y) != len(self.X):
            problem = f"X has {len(self.X):,} samples, and y {len(self.y):,} targets"
            raise unfit("y", problem, "give a target for each sample")
        if self.y is None and self.said.get("target") != "input":
            raise TypeError("fit takes y, the targets of X")
        if self.y is not None and self.y.dtype.kind == "O":
            self.y = np.asarray([str(one) for one in self.y.tolist()])
        self.weights = _weights(sample_weight, len(self.X))
        if self.weights is not None:
            counts = self.weights > 0
            self.X, self.weights = self.X[counts], self.weights[counts]
            self.y = None if self.y is None else self.y[counts]

    @property
    def rows(self) -> int:
        return len(self.X)

    def data_set(self) -> Arrays:
        takes = {one.name for one in Arrays.arguments}
        values: dict[str, Any] = {name: one for name, one in self.said.items() if name in takes}
        values |= {"path": "X", "inputs": "x", "target": "y" if self.y is not None else "input"}
        values |= {"test": 0.0, "test_inputs": None, "test_target": None, "test_lengths": None}
        values |= {"lengths": None, "task": self.task}
        item = Arrays.declared(values)
        item.held, item.held_weights = {"x": self.X, "y": self.y}, self.weights
        item.spans = self.like.spans if self.like else {}
        return item

    def labels(self, item: DataSet) -> Any:
        assert isinstance(item, Arrays)
        targets = item.arranged.targets
        if targets.classes is None or targets.are_numbered or targets.values.ndim > 1:
            return None
        _, firsts = np.unique(targets.values, return_index=True)
        assert self.y is not None
        return self.y.reshape(len(self.y), -1)[firsts, 0]


def _columns(X: Any) -> Mapping[str, Any]:
    """The columns of X; those of an array are called x0, x1, ..."""
    if _has_names(X):
        return columns_of(X, ())
    rows = array_of(X)
    return columns_of(rows, [f"x{place}" for place in range(rows.shape[1])])


def _targets(y: Any, own: Sequence[str], taken: Sequence[str]) -> dict[str, Series]:
    """The columns of y, which the file calls its ``own`` way, or else y itself."""
    if kind_of_frame(y) or isinstance(y, Mapping):
        found = dict(columns_of(y, ()))
        names: Sequence[str] = [*found]
        cells = [*found.values()]
    else:
        array = _plain(y)
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim > 2 or array.ndim == 0 or (array.ndim == 2 and not array.shape[1]):
            problem = f"y has the shape {[*array.shape]}"
            raise unfit("y", problem, "give a target for each sample, [N], or a row of them")
        width = 1 if array.ndim == 1 else array.shape[1]
        cells = [array] if array.ndim == 1 else [array[:, at] for at in range(width)]
        names = ["y"] if width == 1 else [f"y{at}" for at in range(width)]
        if width == 1 and isinstance(name := getattr(y, "name", None), str) and name:
            names = [name]
    if len(own) == len(names) and (own != ("y",) or names == ["y"]):
        names = own
    else:
        names = [_free(name, taken) for name in names]
    return {name: _series(name, one) for name, one in zip(names, cells, strict=True)}


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _plain(y: Any) -> Any:
    """y as an array of NumPy."""
    if hasattr(y, "to_numpy"):
        y = y.to_numpy()
    return array_of(y, "y")


def _series(name: str, cells: Any) -> Series:
    """A column as polars has it: numbers, truth values or texts.  Raises NetError."""
    import polars

    if isinstance(cells, polars.Series):
        return cells.alias(name)
    if hasattr(cells, "dtype") and cells.dtype.kind in "iufb":
        return polars.Series(name, np.ascontiguousarray(cells))
    if hasattr(cells, "dtype") and cells.dtype.kind == "c":
        raise unfit("X", f"column `{name}` holds complex numbers", "give their parts a column each")
    found = [None if _is_missing(one) else one for one in cells]
    kinds = {type(one) for one in found if one is not None}
    if all(issubclass(one, bool | np.bool_) for one in kinds):
        return polars.Series(name, found, dtype=polars.Boolean if kinds else polars.String)
    if all(issubclass(one, int | float | np.number) for one in kinds):
        numbers = [None if one is None else float(one) for one in found]
        return polars.Series(name, numbers, dtype=polars.Float64)
    if wrong := next((one for one in kinds if issubclass(one, Mapping | list | tuple | set)), None):
        problem = f"column `{name}` holds values of the type {wrong.__name__}"
        raise unfit("X", problem, "give a number or a text in each cell")
    return polars.Series(name, [None if one is None else str(one) for one in found], polars.String)


def _is_missing(cell: Any) -> bool:
    """Whether it is None, NaN, or what pandas has for a missing cell."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float) and cell != cell


def _count(called: str, columns: Mapping[str, Series]) -> int:
    """How many rows there are.  Raises NetError for none, and for unequal columns."""
    counts = {len(one) for one in columns.values()}
    if len(counts) > 1:
        each = " and ".join(f"{one:,}" for one in sorted(counts))
        raise unfit(called, f"the columns of {called} have {each} rows", "give as many of each")
    count = counts.pop() if counts else 0
    if not count:
        raise unfit(called, f"{called} has no rows", "give one at least")
    return count


def _weights(sample_weight: Any, rows: int) -> Any:
    """The weights as an array [N] float64.  Raises NetError."""
    if sample_weight is None:
        return None
    found = _plain(sample_weight)
    if found.dtype.kind not in "biuf" or found.shape != (rows,):
        problem = f"sample_weight has the shape {[*found.shape]}, and there are {rows:,} samples"
        if found.dtype.kind not in "biuf":
            problem = f"sample_weight holds what is no number: {found.dtype}"
        raise unfit("sample_weight", problem, "give a number from 0 on for each sample")
    found = found.astype(np.float64)
    if not (np.isfinite(found) & (found >= 0)).all():
        problem = "sample_weight holds a number below 0, NaN or infinity"
        raise unfit("sample_weight", problem, "give a number from 0 on for each sample")
    if not found.any():
        problem = "every sample weight is zero: no sample counts"
        raise unfit("sample_weight", problem, "give one of them a weight above 0")
    return found


def _name(label: Any) -> str:
    """What a file calls a class."""
    if isinstance(label, bool):
        return "true" if label else "false"
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


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
    return [ByOption(_BY, f"epochs={_EPOCHS}"), ByOption(_BY, f"batch={_batch(rows)}")]
