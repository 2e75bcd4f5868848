"""Every data set has a description, which needs no tensor, and gives its samples as tensors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.language.diagnostics import Diagnostic
from netlang.language.shapes import Shape
from netlang.language.source import Span
from netlang.system.fingerprint import Fingerprint

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.pipeline import ArrayPipeline, Pipeline


_WIDE = 8  # bytes of a number of which an input is made


InputColumn = tuple[str, str, int]  # name, kind ("number" or "category"), how many inputs it makes


@dataclass(frozen=True, slots=True)
class Description:
    """What the compiler has to know: a sample's shape, its target, and how many samples there are.

    ``classes`` are the names of the classes in the order of their numbers, None for regression;
    ``targets`` is how many numbers a regression predicts.
    ``other_task`` is the task that may have been meant, where the data set does not state one.
    ``labels`` tells that the targets are 0 or 1 each, and do not exclude each other. Of a table,
    ``target`` has the columns to predict, ``columns`` those of inputs, ``counts`` how many rows
    have each class, if that is known; ``dropped`` rows are left out, ``without_target`` of them as
    they have none, and the others as they lack cells. ``filled`` says of the columns of inputs
    whose missing cells are filled in how many these are.
    """

    input: Shape
    train: int
    test: int
    classes: tuple[str, ...] | None
    targets: int = 1
    validation: int = 0
    other_task: str = ""
    labels: bool = False
    target: tuple[str, ...] = ()
    columns: tuple[InputColumn, ...] = ()
    counts: tuple[int, ...] = ()
    dropped: int = 0
    without_target: int = 0
    filled: tuple[tuple[str, int], ...] = ()

    @property
    def samples(self) -> int:
        return self.train + self.validation + self.test

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that metrics are measured on, those that there are."""
        sizes = {"train": self.train, "validation": self.validation, "test": self.test}
        return tuple(part for part, size in sizes.items() if size)

    @property
    def judged(self) -> str:
        """The part that a network is judged by: the test, or what comes nearest to it."""
        return self.parts[-1]

    @property
    def task(self) -> str:
        if self.labels:
            return "labels"
        return "regression" if self.classes is None else "classification"

    @property
    def outputs(self) -> int:
        return self.targets if self.classes is None else len(self.classes)

    def about(self) -> dict[str, object]:
        """What the columns of a table become, as JSON holds it; nothing of other data."""
        if not self.columns:
            return {}
        keys = "name", "kind", "inputs"
        names = self.classes or ()
        counts = self.counts or [None] * len(names)
        classes = dict(zip(names, counts, strict=True)) or None
        return {
            "columns": [dict(zip(keys, column, strict=True)) for column in self.columns],
            "target": [*self.target],
            "task": self.task,
            "classes": classes,
            "dropped": self.dropped,
            "without_target": self.without_target,
            "filled": dict(self.filled),
        }

    def to_json(self) -> dict[str, Any]:
        """The description as JSON."""
        return asdict(self) | {"input": [*self.input.sizes]}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The description that ``to_json`` made ``data`` of.  Raises ValueError for other data."""
        match data:
            case {
                "input": [*sizes],
                "train": int(train),
                "test": int(test),
                "classes": list() | None as classes,
                "targets": int(targets),
                "validation": int(validation),
                "other_task": str(other_task),
                "labels": bool(labels),
                "target": list(target),
                "columns": list(columns),
                "counts": list(counts),
                "dropped": int(dropped),
                "without_target": int(without_target),
                "filled": list(filled),
            } if (
                all(isinstance(one, int) and one > 0 for one in (*sizes, train, targets))
                and min(test, validation, dropped, without_target) >= 0
                and (classes is None or _are_names(classes))
                and all(isinstance(one, str) for one in target)
                and all(isinstance(one, int) and one >= 0 for one in counts)
            ):
                names = None if classes is None else tuple(classes)
                found = tuple(map(_column, columns))
                of_task = names, targets, validation, other_task, labels
                about = tuple(target), found, tuple(counts)
                gaps = dropped, without_target, tuple(map(_count, filled))
                return cls(Shape.of(*sizes), train, test, *of_task, *about, *gaps)
        raise ValueError("this is no description of data")


def _are_names(classes: Sequence[object]) -> bool:
    """Whether these are names of two classes or more, each another."""
    return all(isinstance(one, str) for one in classes) and len({*classes}) == len(classes) > 1


def _column(data: object) -> InputColumn:
    """Raises ValueError for what is no column."""
    match data:
        case [str(name), str(kind), int(inputs)]:
            return name, kind, inputs
    raise ValueError("this is no column of a table")


def _count(data: object) -> tuple[str, int]:
    """Raises ValueError for what is no column and how many cells it has."""
    match data:
        case [str(name), int(cells)] if cells > 0:
            return name, cells
    raise ValueError("this is no count of cells")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """``inputs`` [N, *]; ``targets`` class numbers [N] (int64), or values [N, targets].

    ``weights`` [N] (float32) say how much each sample counts in the loss: 1 on average, by
    convention, over the samples to train on. Without them, all count the same.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        """Shapes alone, as the numbers would fill the screen."""
        return f"Samples(inputs={[*self.inputs.shape]}, targets={[*self.targets.shape]})"


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The samples of each part: models learn from ``train``, are chosen by ``validation``, if there
    is one, and are judged by ``test``. ``pipeline`` made the inputs, of columns or of an array; it
    is None where they are the samples as they are.

    ``unseen`` says how many samples beside those of ``train`` hold each category of a column that
    ``train`` lacks; ``rows`` which rows of its table or array are in each part, counted from 1.
    """

    train: Samples
    test: Samples | None
    validation: Samples | None = None
    pipeline: Pipeline | ArrayPipeline | None = None
    unseen: Mapping[tuple[str, str], int] = field(default_factory=dict)
    rows: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def judged(self) -> Samples:
        """The samples that a network is judged by: the test, or what comes nearest to it."""
        return self.test or self.validation or self.train

    def to_values(self, outputs: Tensor) -> Tensor:
        """Outputs or targets in the units of the data, which training may have standardised.

        Shape: [N, *] -> the same; numbers that were standardised become float64.
        """
        return self.pipeline.to_values(outputs) if self.pipeline else outputs


@dataclass_transform(field_specifiers=(arg,))
class DataSet(Item, abstract=True):
    """Samples to learn from and samples to test on.

    ``span`` is where a file names the data set: relative paths start at that file's folder.
    ``spans`` are those of the arguments that are written there. Messages point to them.
    """

    kind = "data set"
    for_path: ClassVar[str] = ""  # how to write it for a file, with {} for the path
    endings: ClassVar[tuple[str, ...]] = ()  # of the files that it alone is for
    span: Span | None = None
    spans: Mapping[str, Span] = MappingProxyType({})

    def at(self, argument: str) -> Span | None:
        """Where ``argument`` is written; if it is not, where the data set is named."""
        return self.spans.get(argument, self.span)

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        """The files that it is read from, as they were read."""
        return ()

    @property
    def standardizes_targets(self) -> bool:
        """Whether numbers to predict are shifted and scaled, so that about half are negative."""
        return False

    @property
    def bytes_kept(self) -> int:
        """How many bytes of what was read stay, while its samples are used."""
        return 0

    def bytes_to_load(self, found: Description) -> int:
        """How many bytes more it takes to load the samples that are described, beside these."""
        return _WIDE * found.samples * found.input.size

    @abstractmethod
    def describe(self, seed: int = 0) -> Description:
        """Say what it holds, without torch; how many samples a part has may depend on the seed.

        Raises DiagnosticError for a faulty data file."""

    def warnings(self) -> tuple[Diagnostic, ...]:
        """Warnings of what looks like a mistake; the data can be used all the same."""
        return ()

    @abstractmethod
    def load(self, seed: int = 0) -> Split:
        """Load its samples; what is random about them depends on ``seed`` alone."""

    def border(self) -> Tensor | None:
        """The true border between two classes, where it is known: a curve in the plane of the
        inputs, in the data's own numbers. A point of NaN stands between pieces of it.

        Shape: [M, 2].
        """
        return None
