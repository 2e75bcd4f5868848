"""X and y become arrays, as those of a file are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netlang.api.frames import array_of, unfit
from netlang.api.targets import plain, weights_of
from netlang.catalogue.data import Arrays, DataSet
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.layers import Conv2d
from netlang.compiler.ir.graph import Graph
from netlang.compiler.passes.stated import Stated
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.python import DoubtfulData
from netlang.system.lazy import np

_TARGET = "y"  # what messages call the targets
_CHANNELS = (1, 3, 4)  # that pictures have


class Samples:
    """Samples [N, *] of an array, or of each in a dict of several inputs; an array that the file
    calls ``lengths`` says how long sequences are.
    """

    def __init__(self, X: Any, y: Any, sample_weight: Any, said: Stated, task: str) -> None:
        self.like = said.data
        self.said = said.data.values if isinstance(said.data, ArrayData) else {}
        self.task = str(self.said.get("task", "auto")) if task == "auto" else task
        given = X if isinstance(X, Mapping) else {"x": X}
        self.arrays = {name: array_of(one, name) for name, one in given.items()}
        self.rows = self._count()
        if y is None and self.said.get("target") != "input":
            raise TypeError("fit takes y, the targets of X")
        self.y = None if y is None else plain(y)
        if self.y is not None and len(self.y) != self.rows:
            problem = f"X has {self.rows:,} samples, and y {len(self.y):,} targets"
            note = "of several inputs, X is a dict: `{'a': ..., 'b': ...}`"
            is_list = isinstance(X, list | tuple)
            raise unfit("y", problem, "give a target for each sample", note if is_list else "")
        if self.y is not None and self.y.dtype.kind == "O":
            self.y = np.asarray([str(one) for one in self.y.tolist()])
        self.weights = weights_of(sample_weight, self.rows)
        if self.weights is not None:
            self._leave_out(self.weights == 0)

    def _count(self) -> int:
        """How many samples there are.  Raises NetError for none, and for unequal arrays."""
        counts = sorted({len(one) for one in self.arrays.values()})
        if len(counts) > 1:
            each = " and ".join(f"{one:,}" for one in counts)
            raise unfit("X", f"the arrays of X have {each} samples", "give as many of each")
        if not counts or not counts[0]:
            raise unfit("X", "X has no samples", "give one at least")
        return counts[0]

    def _leave_out(self, which: Any) -> None:
        """Leave out samples.  Shape: [N] bool."""
        self.arrays = {name: one[~which] for name, one in self.arrays.items()}
        self.y = None if self.y is None else self.y[~which]
        self.weights, self.rows = self.weights[~which], self.rows - int(which.sum())

    def data_set(self, tests: bool) -> Arrays:
        """The arrays, with what the file says of its own; some are set aside if it ``tests``."""
        takes = {one.name for one in Arrays.arguments}
        values: dict[str, Any] = {name: one for name, one in self.said.items() if name in takes}
        lengths = values.get("lengths")
        of_lengths = {lengths} if isinstance(lengths, str) else {*(lengths or ())}
        inputs = tuple(name for name in self.arrays if name not in of_lengths)
        values |= {"path": "X", "inputs": inputs if len(inputs) > 1 else inputs[0]}
        values |= {"target": "input" if self.y is None else _TARGET, "task": self.task}
        values |= {"test_inputs": None, "test_target": None, "test_lengths": None}
        values |= {} if tests else {"test": 0.0}
        values |= {"lengths": lengths if of_lengths & {*self.arrays} else None}
        item = Arrays.declared(values)
        item.held, item.held_weights = {**self.arrays, _TARGET: self.y}, self.weights
        item.spans = self.like.spans if self.like else {}
        return item

    def oddities(self, graph: Graph) -> Iterator[Diagnostic]:
        """What may not be meant."""
        if not any(isinstance(node.layer, Conv2d) for node in graph.nodes):
            return
        for name, one in self.arrays.items():
            if one.ndim == 4 and one.shape[3] in _CHANNELS and min(one.shape[1:3]) > max(_CHANNELS):
                called = "X" if len(self.arrays) == 1 else f"`{name}` of X"
                problem = f"{called} is {[*one.shape]}: pictures of {one.shape[1]} channels"
                help = "if the last axis has the channels, move it: `X.transpose(0, 3, 1, 2)`"
                yield DoubtfulData(None, "X", problem, help)

    def labels(self, item: DataSet) -> Any:
        assert isinstance(item, Arrays)
        targets = item.arranged.targets
        if targets.classes is None or targets.are_numbered or targets.values.ndim > 1:
            return None
        _, firsts = np.unique(targets.values, return_index=True)
        assert self.y is not None
        return self.y.reshape(len(self.y), -1)[firsts, 0]
