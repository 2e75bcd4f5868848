"""Every data set has a description, which needs no tensor, and gives its samples as tensors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.description import Description
from netlang.catalogue.items import Item
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import Span
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.pipeline import (
        ArrayPipeline,
        Pipeline,
        SeveralArrays,
        TextPipeline,
    )


_WIDE = 8  # bytes of a number of which an input is made


class Samples(Record):
    """``inputs`` [N, *]; ``targets`` [N, *] of their own shape: class numbers (int64) or values.

    ``weights`` [N] (float32) say how much each sample counts in the loss: 1 on average, by
    convention, over the samples to train on. Without them, all count the same.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def pieces(self) -> Iterator[Samples]:
        """The samples, or some at a time where memory may not hold all of them."""
        yield self

    def some(self) -> Samples:
        """The samples, or the first of them where memory may not hold all."""
        return self

    def __repr__(self) -> str:
        """Shapes alone, as the numbers would fill the screen."""
        return f"Samples(inputs={[*self.inputs.shape]}, targets={[*self.targets.shape]})"


class Split(Record):
    """The samples of each part: models learn from ``train``, are chosen by ``validation``, if there
    is one, and are judged by ``test``. ``pipeline`` made the inputs, of columns or of an array; it
    is None where they are the samples as they are.

    ``unseen`` says how many samples beside those of ``train`` hold each category of a column that
    ``train`` lacks; ``rows`` which rows of its table or array are in each part, counted from 1.
    """

    train: Samples
    test: Samples | None
    validation: Samples | None = None
    pipeline: Pipeline | ArrayPipeline | SeveralArrays | TextPipeline | None = None
    unseen: Mapping[tuple[str, str], int] = MappingProxyType({})
    rows: Mapping[str, Tensor] = MappingProxyType({})

    @property
    def judged(self) -> Samples:
        """The samples that a network is judged by: the test, or what comes nearest to it."""
        return self.test or self.validation or self.train

    def units(self, outputs: int) -> tuple[Callable[[Tensor], Tensor], ...]:
        """What gives the outputs and targets of each of so many ``outputs`` in the units of the
        data, as ``to_values`` does for one.
        """
        if self.pipeline is None or outputs == 1:
            return (self.to_values,) * outputs
        return tuple(goal.to_values for goal in self.pipeline.goal.for_outputs(outputs))

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the units of the data, which training may have standardised.

        Shape: [N, *] -> the same; numbers that were standardised become float64.
        """
        return self.pipeline.to_values(outputs) if self.pipeline else outputs


@dataclass_transform(field_specifiers=(arg,))
class DataSet(Item, abstract=True):
    """Samples to learn from and samples to test on.

    ``span`` is where a file names the data set: relative paths start at that file's folder.
    ``spans`` are those of the arguments that are written there. Messages point to them. Where it
    ``keeps_targets``, numbers to predict stay as they are, as the loss has to have them.

    Where Python has the data, they are ``held``, and no file is read: the source of a table, or
    arrays by their names. ``held_weights`` [N] say then how much each sample of arrays counts.
    """

    kind = "data set"
    for_path: ClassVar[str] = ""  # how to write it for a file, with {} for the path
    endings: ClassVar[tuple[str, ...]] = ()  # of the files that it alone is for
    predicts_next: ClassVar[bool] = False  # whether each target is the input one place further on
    span: Span | None = None
    spans: Mapping[str, Span] = MappingProxyType({})
    keeps_targets: bool = False
    held: Any = None
    held_weights: Any = None

    def at(self, argument: str) -> Span | None:
        """Where ``argument`` is written; if it is not, where the data set is named."""
        return self.spans.get(argument, self.span)

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        """The files that it is read from, as they were read."""
        return ()

    @property
    def is_streamed(self) -> bool:
        """Whether samples stay in their file, and are read when they are needed."""
        return False

    @property
    def standardizes(self) -> bool:
        """Whether inputs of numbers are brought to one scale."""
        return bool(self.values.get("standardize")) and self.values.get("scale") != "none"

    @property
    def standardizes_targets(self) -> bool:
        """Whether numbers to predict are shifted and scaled, so that about half are negative."""
        return False

    def range_of(self, target: str = "") -> tuple[float, float] | None:
        """The least and the largest of the numbers that a network has to give for a ``target``, ""
        where it has no name; None where that is not known before they are loaded.

        A part of the samples may stand for all of them.
        """
        return None

    @property
    def bytes_kept(self) -> int:
        """How many bytes of what was read stay, while its samples are used."""
        return 0

    def bytes_to_load(self, found: Description) -> int:
        """How many bytes more it takes to load the samples that are described, beside these."""
        return _WIDE * found.samples * found.input.size

    def samples_held(self, found: Description) -> int:
        """How many of the samples that are described are in memory at once."""
        return found.samples

    @abstractmethod
    def describe(self, seed: int = 0) -> Description:
        """Say what it holds, without torch; how many samples a part has may depend on the seed.

        Raises NetError for a faulty data file."""

    def warnings(self) -> tuple[Diagnostic, ...]:
        """Warnings of what looks like a mistake; the data can be used all the same."""
        return ()

    @abstractmethod
    def load(self, seed: int = 0) -> Split:
        """Load its samples; what is random about them depends on ``seed`` alone.

        Raises NetError for a file that cannot be read again, or is another then."""

    def border(self) -> Tensor | None:
        """The true border between two classes, where it is known: a curve in the plane of the
        inputs, in the data's own numbers. A point of NaN stands between pieces of it.

        Shape: [M, 2].
        """
        return None
