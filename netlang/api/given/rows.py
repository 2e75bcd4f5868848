"""X and y become a table, as that of a file is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.api.frames import columns_of, kind_of_frame, unfit
from netlang.api.given.cells import (
    are_names,
    count_of,
    has_names,
    named_columns,
    series_of,
)
from netlang.api.given.labels import coded, labels_in, names_of
from netlang.api.targets import plain, warn_of_order, weights_of
from netlang.catalogue.data import DataSet, Table
from netlang.compiler.passes.stated import Stated
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.python import DoubtfulData
from netlang.system.lazy import np

if TYPE_CHECKING:
    from polars import DataFrame, Series

_WEIGHT = "sample weight"  # the column of weights, unless another is called so
_SHARED = ("validation", "standardize")  # arguments that a table has of data of another kind


class Rows:
    """Rows of a table: ``frame`` has the columns of X, of y, and the weights, if there are any.

    A file may name columns that X lacks, but not who calls: such arguments are ``asked`` for.
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        said: Stated,
        task: str,
        classes: Any,
        asked: Collection[str] = (),
    ) -> None:
        import polars

        self.like, self._asked = said.data, asked
        self.said = said.data.values if isinstance(said.data, Table) else {}
        given = named_columns(X)
        columns = {name: series_of(name, cells) for name, cells in given.items()}
        warn_of_order(X, y)
        targets = self._targets(y, columns)
        inputs = [one for name, one in columns.items() if name not in (*self._own, *targets)]
        if not inputs:
            raise unfit("X", "X has no column beside those to predict", "give more columns")
        self.names = tuple(targets)
        self._named = [one.name for one in inputs if are_names(given[one.name], one)]
        self.task = str(self.said.get("task", "auto")) if task == "auto" else task
        if self.task == "auto" and all(one.dtype.is_numeric() for one in targets.values()):
            self.task = _task_of([*targets.values()], said.tasks)
        self._labels, self._dtype = None, None
        if len(targets) == 1:
            ((name, target),) = targets.items()
            is_array = y is not None and (kind_of_frame(y) or not has_names(y))
            as_given = plain(y).flatten() if is_array else target.to_numpy()
            self._dtype = as_given.dtype
            if self._are_classes(target):
                self._labels = labels_in(as_given, classes)
                targets = {name: coded(name, as_given, self._labels)}
        every = [*inputs, *targets.values()]
        self.frame: DataFrame = polars.DataFrame({one.name: one for one in every})
        self.weighs, self._weight = False, _free(_WEIGHT, self.frame.columns)
        if (weights := weights_of(sample_weight, self.rows)) is not None:
            weighed = self.frame.with_columns(polars.Series(self._weight, weights))
            self._take(weighed.filter(polars.col(self._weight) > 0))

    @property
    def rows(self) -> int:
        return self.frame.height

    @property
    def _own(self) -> tuple[str, ...]:
        """The columns that the file predicts; none where it does not say so."""
        target: Any = self.said.get("target")
        return tuple(filter(None, (target,) if isinstance(target, str) else target or ()))

    def _targets(self, y: Any, columns: Mapping[str, Series]) -> dict[str, Series]:
        """The columns to predict: those of y, or without it those of X that the file names."""
        rows = count_of("X", columns)
        if y is None and not (self._own and {*self._own} <= {*columns}):
            raise TypeError("fit takes y, the targets of X")
        if y is None:
            return {name: columns[name] for name in self._own}
        found = _targets_in(y, self._own, [*columns])
        if (count := count_of("y", found)) != rows:
            problem = f"X has {rows:,} samples, and y {count:,} targets"
            raise unfit("y", problem, "give a target for each sample")
        return found

    def _are_classes(self, target: Series) -> bool:
        """Whether targets are classes beyond doubt, and not numbers of which the table tells."""
        are_texts = not target.dtype.is_numeric()
        return self.task == "classification" or (self.task == "auto" and are_texts)

    def join_equal(self) -> None:
        """Let rows that are equal be one, in an order that does not depend on theirs."""
        import polars

        frame = self.frame
        if not self.weighs:
            frame = frame.with_columns(polars.lit(1.0).alias(self._weight))
        keys = [name for name in frame.columns if name != self._weight]
        joined = frame.group_by(keys).agg(polars.col(self._weight).sum())
        self._take(joined.select(frame.columns).sort(keys))

    def _take(self, weighed: DataFrame) -> None:
        """Take rows with their weights, unless all count alike."""
        self.weighs = weighed[self._weight].n_unique() > 1
        self.frame = weighed if self.weighs else weighed.drop(self._weight)

    def data_set(self, tests: bool) -> Table:
        """The table, with what the file says of its own; it sets a share aside if it ``tests``."""
        from netlang.catalogue.data.formats.held import HeldTable

        item = Table.declared(self._arguments() | ({} if tests else {"test": 0.0}))
        item.held, item.weighs_moments = HeldTable(self.frame, "X", self._named), self.weighs
        item.spans = self.like.spans if self.like else {}
        item.all_classes = () if self._labels is None else names_of(self._labels)
        return item

    def oddities(self) -> Iterator[Diagnostic]:
        """What may not be meant."""
        if _are_one_hot(self.frame.select(self.names)):
            labels = f"{len(self.names)} labels, which do not exclude each other"
            problem = f"each row of y has a single 1, and its columns are taken for {labels}"
            help = "if they are classes, give the number of each: `y.argmax(1)`"
            yield DoubtfulData(None, "y", problem, help)

    def _arguments(self) -> dict[str, Any]:
        values: dict[str, Any] = {**self.said}
        if self.like and not self.said:
            others = self.like.values
            values = {name: others[name] for name in _SHARED if name in others}
        columns = {*self.frame.columns}
        if "ignore" not in self._asked:
            values["ignore"] = tuple(one for one in values.get("ignore", ()) if one in columns)
        roles = {"group", "order", "weights"} - {*self._asked}
        balances = values.get("weights") == "balanced"
        absent = {one for one in roles if values.get(one) not in columns}
        values |= dict.fromkeys(absent - ({"weights"} if balances else set()), "")
        values |= {"weights": self._weight} if self.weighs else {}
        values |= {"path": "X", "target": self.names if len(self.names) > 1 else self.names[0]}
        values |= {"folds": 0, "fold": None, "delimiter": ","}
        return values | {"task": self.task if self._labels is None else "classification"}

    def labels(self, item: DataSet) -> Any:
        """The classes as y has them, in the order of their numbers; None where there are none."""
        classes = item.describe().classes
        if self._labels is None and classes and self._dtype is not None:
            is_whole = self._dtype.kind in "iu"  # a float does not hold each whole number
            return np.array([int(one) if is_whole else float(one) for one in classes], self._dtype)
        return self._labels


def _are_one_hot(targets: DataFrame) -> bool:
    """Whether each row has a single 1 among zeros."""
    import polars

    if targets.width < 2 or any(one == polars.String for one in targets.dtypes):
        return False
    numbers = targets.cast(polars.Float64).to_numpy()
    return bool(np.isin(numbers, (0, 1)).all() and (numbers.sum(1) == 1).all())


def _task_of(targets: Sequence[Series], tasks: Sequence[str]) -> str:
    """What targets of numbers are by the ``tasks`` that the file's loss is for, if that tells."""
    are_floats = all(one.dtype.is_float() for one in targets)
    if "regression" in tasks and (are_floats or "classification" not in tasks):
        return "regression"
    is_one = len(targets) == 1
    return "classification" if is_one and tasks and "regression" not in tasks else "auto"


def _targets_in(y: Any, own: Sequence[str], taken: Sequence[str]) -> dict[str, Series]:
    """The columns of y, which the file calls its ``own`` way, or else y itself, but as no column
    that is ``taken``.  Raises NetError.
    """
    if kind_of_frame(y) or isinstance(y, Mapping):
        found = dict(columns_of(y, ()))
        names, cells = [*found], [*found.values()]
    else:
        array = plain(y)
        if array.ndim not in (1, 2) or not array.size:
            problem = f"y has the shape {[*array.shape]}"
            raise unfit("y", problem, "give a target for each sample, [N], or a row of them")
        cells = [array] if array.ndim == 1 else [*array.T]
        given = getattr(y, "name", None)
        called = given if isinstance(given, str) and given else "y"
        names = [called] if len(cells) == 1 else [f"y{place}" for place in range(len(cells))]
    names = [*own] if len(own) == len(cells) else [_free(name, taken) for name in names]
    return {name: series_of(name, one) for name, one in zip(names, cells, strict=True)}


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
