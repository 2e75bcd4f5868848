"""X and y become arrays, as those of a file are."""

from __future__ import annotations

from typing import Any

from netlang.api.frames import array_of, unfit
from netlang.api.given.cells import plain, weights_of
from netlang.catalogue.data import Arrays, DataSet
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.compiler.passes.stated import Stated
from netlang.system.lazy import np


class Samples:
    """Samples [N, *] of an array."""

    def __init__(self, X: Any, y: Any, sample_weight: Any, said: Stated, task: str) -> None:
        self.like = said.data
        self.X, self.y = array_of(X), None if y is None else plain(y)
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
        self.weights = weights_of(sample_weight, len(self.X))
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
