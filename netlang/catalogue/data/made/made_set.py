"""What made sets share: the sizes of their parts, and how points become samples.

An exported file has copies of ``uniform``, ``normal`` and ``alternating``, and of each set's own
rule, so they use nothing but torch and math.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.dataset import DataSet, Samples, Split
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.pipeline import ArrayPipeline, Pipeline
from netlang.catalogue.randomness import generator
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_MOST = 100_000_000
_COUNTS = "n", "n_samples", "num_samples", "samples"  # what others call it


class MadeSet(DataSet, abstract=True):
    """Points that a rule draws, in the plane unless ``columns`` says otherwise.

    ``rule`` begins with a function of a generator, of how many points are drawn, and of the
    arguments that the set has beside those here. It returns points [N, columns] in 64 bits and
    their targets: numbers of ``classes`` [N], or values [N, 1] if there are no classes. Behind it
    are the functions that it calls.
    """

    rule: ClassVar[tuple[Callable[..., Any], ...]]
    columns: ClassVar[tuple[str, ...]] = ("x", "y")
    target: ClassVar[str] = "class"
    classes: ClassVar[tuple[str, ...] | None] = None
    numbers: ClassVar[tuple[float, float] | None] = None  # the ends of what there is to predict

    train: Size = arg(default=1000, at_most=_MOST, doc="points to learn from", known_as=_COUNTS)
    test: Size = arg(default=1000, at_most=_MOST, doc="points to test on")
    standardize: bool = arg(
        default=True, doc="shift and scale inputs by the training points' mean and deviation"
    )
    validation: int = arg(
        default=0, at_least=0, at_most=_MOST, doc="points to choose between models by"
    )

    def range_of(self, target: str = "") -> tuple[float, float] | None:
        """What a network can learn lies between these numbers, and noise around it."""
        return self.numbers

    @property
    def shaping(self) -> dict[str, Any]:
        """The arguments of the rule: those that the set has beside its sizes."""
        shared = {one.name for one in MadeSet.arguments}
        return {name: value for name, value in self.values.items() if name not in shared}

    def describe(self, seed: int = 0) -> Description:
        shape, sizes = Shape.of(len(self.columns)), (self.train, self.test)
        target_shape = () if self.classes else (1,)
        return Description(shape, *sizes, self.classes, target_shape, self.validation)

    def load(self, seed: int = 0) -> Split:
        source, draw = generator(seed, self.name.lower()), self.rule[0]
        # Validation points come last, so that the others are the same with and without them.
        sizes = self.train, self.test, self.validation
        drawn = [draw(source, size, **self.shaping) for size in sizes]
        pipeline = self.pipeline(drawn[0][0] if self.standardize else None)
        train, test, validation = (
            Samples(pipeline.to_inputs(points), self._targets(found)) for points, found in drawn
        )
        return Split(train, test, validation if self.validation else None, pipeline)

    def pipeline(self, drawn: Tensor | None) -> Pipeline | ArrayPipeline:
        """How points become inputs; ``drawn`` to learn from, if they are to be standardised."""
        return Pipeline.fit(self.columns, drawn, self.target, self.classes)

    def _targets(self, found: Tensor) -> Tensor:
        return found.to(torch.get_default_dtype() if self.classes is None else torch.int64)


def uniform(source: torch.Generator, *shape: int) -> torch.Tensor:
    """Numbers from 0 to 1, each as likely as any other."""
    return torch.rand(shape, generator=source, dtype=torch.float64, device="cpu")


def normal(source: torch.Generator, *shape: int) -> torch.Tensor:
    """Normally distributed numbers of mean 0 and deviation 1."""
    return torch.randn(shape, generator=source, dtype=torch.float64, device="cpu")


def alternating(count: int) -> torch.Tensor:
    """The classes 0, 1, 0, 1, ...: as many points of each."""
    return torch.arange(count, device="cpu") % 2
