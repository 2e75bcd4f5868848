"""What data sets of arrays share: their parts, and how samples become inputs.

Arrays are read once, and are in memory as their file has them until inputs are made of them. The
inputs of each part are made in pieces, so that nothing is held twice in 32 or 64 bits.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.arrays.arranged import Arranged, names_of
from netlang.catalogue.data.arrays.opened import Refused, refusal
from netlang.catalogue.data.arrays.targets import ArrayTargets
from netlang.catalogue.data.dataset import DataSet, Samples, Split
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Classes,
    Goal,
    Inputs,
    Pipeline,
    Several,
    SeveralArrays,
    Values,
)
from netlang.catalogue.data.pipeline.array_scaling import channels_of
from netlang.catalogue.data.ranges import LOOKED_AT, range_of
from netlang.catalogue.data.splits import part_sizes, split
from netlang.catalogue.randomness import generator
from netlang.catalogue.targets import NO_CLASS
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import EmptyData, SamplesUnshaped
from netlang.language.diagnostics.messages.tables import OneClass
from netlang.language.diagnostics.wording import counted
from netlang.language.shapes import Shape
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor


TARGET: Any = arg(
    default="label",
    choices=("label", "input"),
    doc="what is predicted: the label of a sample, or its own inputs, as an autoencoder does",
)
STANDARDIZE: Any = arg(
    default=True,
    doc="shift and scale inputs by the training samples' mean and deviation: by feature if samples "
    "are [F] or sequences with `lengths`, by channel if they are [C, H, W]",
)
TEST: Any = arg(
    default=0.2,
    at_least=0.0,
    below=1.0,
    doc="the share of samples to test on; 0 for no test",
    known_as=("test_size", "test_split"),
)
SHAPE: Any = arg(
    default=None, doc="the shape of a sample, if it is another one here: `[1, 8, 8]` for pictures"
)
VALIDATION: Any = arg(
    default=0.0, at_least=0.0, below=1.0, doc="the share of samples to choose between models by"
)

_PURPOSES = {"train": "learn from", "test": "test on", "validation": "validate on"}  # of parts


class ArrayData(DataSet, abstract=True):
    """Samples that an array holds, and their targets in another.

    The arguments of each such data set begin with its ``path``. All have ``standardize`` and
    ``validation``, and those without a file of test samples ``test``.
    """

    @abstractmethod
    def read(self) -> Arranged:
        """Read the arrays, and check all that they hold.  Raises NetError."""

    @cached_property
    def arranged(self) -> Arranged:
        """What was read, without its numbers once inputs were made of them."""
        return self.read()

    def shaped(self, samples: Any) -> Any:
        """The samples in the ``shape`` that an argument asks for.  Raises NetError."""
        shape: Any = self.values["shape"]
        if shape is None:
            return samples
        if math.prod(shape) != math.prod(samples.shape[1:]):
            found = SamplesUnshaped(self.at("shape"), samples.shape[1:], shape)
            raise NetError(found)
        return samples.reshape(len(samples), *shape)

    def _take(self) -> Arranged:
        """What was read, with all its numbers, which are kept no longer: inputs need the memory.

        Raises NetError where they have to be read again, and are others.
        """
        found = self.arranged
        if found.numbers:
            self.arranged = found.emptied
            return found
        again = self.read()
        for before, now in zip(found.files, again.files, strict=True):
            if before.sha256 != now.sha256:
                why = Refused(f"`{now.path}` has changed since it was read first", "run it again")
                raise refusal(self, str(self.values["path"]), why)
        return again

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        return self.arranged.files

    @property
    def standardizes_targets(self) -> bool:
        return bool(self.values["standardize"]) and not self.keeps_targets

    def range_of(self, target: str = "") -> tuple[float, float] | None:
        found, standardize = self.arranged, self.standardizes_targets
        if not found.targets.are_inputs:
            return range_of(found.numbers_of(target), standardize)
        if not found.numbers:
            return None
        some = found.samples[:: 1 + found.samples.size // LOOKED_AT]
        channels = np.moveaxis(some.reshape(len(some), channels_of(some.shape[1:]), -1), 1, 0)
        ranges = [range_of(one.ravel(), standardize) for one in channels]
        known = [one for one in ranges if one]
        return (min(least for least, _ in known), max(most for _, most in known)) if known else None

    def bytes_to_load(self, found: Description) -> int:
        each = [one.samples.dtype.itemsize * one.shape.size for one in self.arranged.inputs]
        return int(sum(each)) * found.samples

    def describe(self, seed: int = 0) -> Description:
        found = self.arranged
        rows = len(found.samples)
        ((train, test, validation),) = part_sizes([rows], *self.shares)
        for name, targets in found.all_targets.items():
            if targets.classes and len(targets.classes) == 1:
                alone = OneClass(self.span, name, targets.classes[0], rows, "sample")
                raise NetError(alone)
        if found.tested:
            test = len(found.tested[0])
        self._check_sizes(rows, train, test, validation)
        inputs = tuple((one.name, one.shape) for one in found.inputs) if found.beside else ()
        row = Shape.of(sum(shape.size for _, shape in inputs))
        described = Description(
            row if inputs else found.shape,
            train,
            test,
            found.targets.classes,
            target_shape=found.targets.values.shape[1:],
            validation=validation,
            other_task=found.targets.other_task,
            target=found.targets_named,
            columns=tuple((name, "number", 1) for name in found.columns),
            counts=found.targets.counts,
            inputs=inputs,
        )
        if not found.further:
            return described
        tasks = {
            name: described.replace(
                classes=one.classes,
                target_shape=one.values.shape[1:],
                other_task=one.other_task,
                target=names_of(name, one),
                counts=one.counts,
            )
            for name, one in found.all_targets.items()
        }
        return Description.of_tasks(tasks)

    @property
    def shares(self) -> tuple[float, float]:
        """The shares of samples to test on and to validate on."""
        values: Mapping[str, Any] = self.values
        test = 0.0 if self.arranged.tested else values.get("test", 0.0)
        return test, values["validation"]

    def _check_sizes(self, rows: int, train: int, test: int, validation: int) -> None:
        """Raises NetError where a part that is asked for has no samples."""
        shares = dict(zip(("test", "validation"), self.shares, strict=True))
        lacks_test = shares["test"] and not test
        if train and not lacks_test and (validation or not shares["validation"]):
            return
        purpose = _PURPOSES["train" if not train else "test" if lacks_test else "validation"]
        asked = [name for name, share in shares.items() if share]
        written = " and ".join(f"{name}={shares[name]:g}" for name in asked)
        leave = "leave" if len(asked) > 1 else "leaves"
        what = f"{written} of {counted(rows, 'sample')} {leave} none to {purpose}"
        help = "take shares that leave samples for each part, or a file of more"
        raise NetError(EmptyData(self.at(asked[-1]), what, "", help))

    def load(self, seed: int = 0) -> Split:
        self.describe()
        found = self._take()
        asked = self._groups(), *self.shares, generator(seed, "split")
        parts = [rows.numpy() for rows in split(*asked)]
        self._check_classes(found.targets, parts)
        pipeline = self._learned(found, parts[0])
        values = [one.values for one in found.all_targets.values()]
        weights = None
        if self.held_weights is not None:
            mean = self.held_weights[parts[0]].mean()
            weights = torch.from_numpy(self.held_weights / mean).float()
        train, test, validation = (
            _samples(pipeline, found.given, values, rows, weights) for rows in parts
        )
        if found.tested:
            rows_to_test = np.arange(len(found.tested[0]))
            values = found.tested[1] if found.further else [found.tested[1]]
            test = _samples(pipeline, found.given_to_test, values, rows_to_test)
        tested, validated = (part if len(part) else None for part in (test, validation))
        rows = {} if found.tested else self._rows(parts)
        return Split(train, tested, validated, pipeline, rows=rows)

    def _check_classes(self, targets: ArrayTargets, parts: Sequence[Any]) -> None:
        """Raises NetError where a part has samples, and none of their places a class."""
        if targets.classes is None:
            return
        for name, rows in zip(_PURPOSES, parts, strict=True):
            if len(rows) and (targets.values[rows] == NO_CLASS).all():
                samples, purpose = counted(len(rows), "sample"), _PURPOSES[name]
                what = f"no place of {samples} to {purpose} has a class"
                help = "take another `seed` or larger shares, or remove samples that have no class"
                raise NetError(EmptyData(self.at(name), what, "", help))

    def _rows(self, parts: Sequence[Any]) -> dict[str, Tensor]:
        """Which samples of the array are in each part that there is, counted from 1."""
        named = zip(_PURPOSES, parts, strict=True)
        return {name: torch.from_numpy(rows + 1) for name, rows in named if len(rows)}

    def _groups(self) -> list[Tensor]:
        """The rows of each class of the first target that has some, or all rows where none has."""
        each = self.arranged.all_targets.values()
        named = (one.values for one in each if one.classes and one.values.ndim == 1)
        if (values := next(named, None)) is None:
            return [torch.arange(len(self.arranged.samples), device="cpu")]
        labels = torch.from_numpy(values)
        return [*torch.split(labels.argsort(stable=True), labels.bincount().tolist())]

    def _learned(self, found: Arranged, train: Any) -> Pipeline | ArrayPipeline | SeveralArrays:
        """The pipeline that the rows ``train`` teach."""
        standardize = bool(self.values["standardize"])
        names, in_units = found.targets_named, self.standardizes_targets
        if found.targets.are_inputs:
            goal: Goal = Inputs()
        elif found.further:
            each = found.all_targets.items()
            goal = Several.of(_goal((name,), one, train, in_units) for name, one in each)
        else:
            goal = _goal(names, found.targets, train, in_units)
        if not found.beside:
            return self.pipeline(found, train, standardize, goal)
        arrays = (self.pipeline(one, train, standardize, goal) for one in found.inputs)
        return SeveralArrays(tuple(one for one in arrays if isinstance(one, ArrayPipeline)))

    def pipeline(
        self, found: Arranged, train: Any, standardize: bool, goal: Goal
    ) -> Pipeline | ArrayPipeline:
        """The pipeline of ``goal`` with what the rows ``train`` teach of the inputs."""
        about = found.lengths, found.tokens
        return ArrayPipeline.fit(found.name, found.samples, train, standardize, goal, *about)


def _goal(names: tuple[str, ...], found: ArrayTargets, train: Any, standardize: bool) -> Goal:
    """What is predicted of one target, by what the rows ``train`` of it teach."""
    if found.classes is not None:
        return Classes(names, found.classes)
    return Values.fit(names, torch.from_numpy(found.values[train]) if standardize else None)


def _samples(
    pipeline: Pipeline | ArrayPipeline | SeveralArrays,
    given: Any,
    values: Sequence[Any],
    rows: Any,
    weights: Tensor | None = None,
) -> Samples:
    """The ``rows`` of the samples that are ``given``, with the ``values`` of each target and the
    ``weights`` of samples.
    """
    if isinstance(pipeline, Pipeline):
        inputs = pipeline.to_inputs(torch.from_numpy(given[rows]))
    else:
        inputs = pipeline.encode(given, rows)
    own_weights = None if weights is None else weights[torch.from_numpy(rows)]
    goal = pipeline.goal
    if isinstance(goal, Inputs):
        return Samples(inputs, inputs, own_weights)
    each = zip(goal.each, values, strict=True)
    targets = [_targets(one, torch.from_numpy(own[rows])) for one, own in each]
    row = goal.row(targets) if isinstance(goal, Several) else targets[0]
    return Samples(inputs, row, own_weights)


def _targets(goal: Goal, values: Tensor) -> Tensor:
    return goal.standardised(values) if isinstance(goal, Values) else values
