"""``Sklearn`` is the data set of those that come with scikit-learn; nothing is downloaded."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import (
    SHAPE,
    STANDARDIZE,
    TARGET,
    TEST,
    VALIDATION,
    ArrayData,
)
from netlang.catalogue.data.arrays.targets import ArrayTargets
from netlang.catalogue.data.pipeline import ArrayPipeline, Goal, Pipeline
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import PackageMissing
from netlang.system.lazy import np, torch
from netlang.system.packages import Unusable, work_of

SETS = ("iris", "digits", "wine", "breast_cancer", "diabetes")


class Sklearn(ArrayData, like=("load_iris", "load_digits", "load_wine", "load_diabetes")):
    """A set that comes with scikit-learn: `iris`, `digits`, `wine` or `breast_cancer`, of classes,
    or `diabetes`, a number to predict.

    Inputs: [N, columns], with the columns' names, in their own units; or [N, *] in another
    ``shape``: `Sklearn("digits", shape=[1, 8, 8])` are pictures.  The share ``test`` is set aside,
    of every class as nearly the same as whole samples allow. It needs scikit-learn:
    `pip install "netlang[sklearn]"`.
    """

    set: str = arg(choices=SETS, doc="which one", known_as=("name", "dataset"))
    test: float = TEST
    standardize: bool = STANDARDIZE
    validation: float = VALIDATION
    shape: tuple[Size, ...] | None = SHAPE
    target: str = TARGET

    def read(self) -> Arranged:
        found = self._bunch()
        samples, names = np.asarray(found.data, np.float64), tuple(map(str, found.feature_names))
        samples = self.shaped(samples)
        if self.set == "diabetes":
            targets = ArrayTargets(np.asarray(found.target, np.float64)[:, None])
        else:
            classes = tuple(map(str, found.target_names))
            targets = ArrayTargets(np.asarray(found.target, np.int64), classes)
        columns = () if self._is_array else names
        arranged = Arranged(self.set, "target", samples, targets, (), columns=columns)
        return arranged.with_inputs_as_targets() if self.target == "input" else arranged

    @property
    def _is_array(self) -> bool:
        """Whether its numbers are those of an array, and not of columns with names."""
        return self.shape is not None or self.target == "input"

    def _bunch(self) -> Any:
        """What scikit-learn gives.  Raises NetError."""
        try:
            with work_of("sklearn"):
                from sklearn import datasets

                load = getattr(datasets, f"load_{self.set}")
                return load(scaled=False) if self.set == "diabetes" else load()
        except Unusable as why:
            package = "scikit-learn", "netlang[sklearn]"
            missing = PackageMissing(self.span, self.name, *package, why.reason, why.is_missing)
            raise NetError(missing) from None

    def pipeline(
        self, found: Arranged, train: Any, standardize: bool, goal: Goal
    ) -> Pipeline | ArrayPipeline:
        if self._is_array:
            return super().pipeline(found, train, standardize, goal)
        rows = torch.from_numpy(found.samples[train]) if standardize else None
        return Pipeline.of_numbers(found.columns, rows, goal)
