"""What an augmentation is: how it changes samples, and the numbers that it draws for each of them.

What is drawn depends on the seed, the epoch, the sample's number, the place of the augmentation in
the file's arrow and what it is drawn for, and on nothing else: so a sample looks the same in any
batch, and after any interruption.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.randomness import augmentation_key, below, normal, uniform
from netlang.catalogue.targets import one_hot
from netlang.system.record import Record

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Remark(Record):
    """Why an augmentation cannot change the samples of some data, or their targets if it is one
    ``of_targets``: the ``reason`` goes on after its name. ``help`` says what to do.
    """

    reason: str
    help: str
    of_targets: bool = False


class Given(Record):
    """The samples that an augmentation is to change, as they are ``found`` to be, by which
    ``losses`` they are learned, and the ``data`` that have them, where these are known.
    """

    found: Description
    losses: Sequence[Loss] = ()
    data: DataSet | None = None


class Seen(Record):
    """Samples as an epoch sees them.

    ``targets`` are a sample's own. Where it is mixed with another one, the loss compares outputs
    with the ``mixed`` targets, of the outputs' shape.  Shape: [n, *] each.
    """

    inputs: Tensor
    targets: Tensor
    mixed: Tensor | None = None

    @property
    def of_loss(self) -> Tensor:
        """The targets that the loss takes."""
        return self.targets if self.mixed is None else self.mixed


class AugmentedData(Record):
    """What augmentations know of the training samples: there are ``count`` of them.

    ``as_inputs`` makes inputs of a sample all of whose numbers are the one that it gets, in the
    data's own units. ``means`` are those of each input. ``outputs`` is the shape of a sample's
    outputs. Of a text, each sample begins ``stride`` tokens behind the one before.
    """

    description: Description
    count: int
    outputs: tuple[int, ...]
    as_inputs: Callable[[float], Tensor]
    means: Callable[[], Tensor]
    stride: int = 0

    @property
    def targets_move(self) -> bool:
        """Whether targets have the places of a picture, so that they move as it does."""
        return has_places(self.description)


class Draws(Record):
    """What an augmentation draws for samples of these numbers, [n] int64, in an epoch.

    ``place`` is its own in the file's arrow, from 0. ``others`` gives samples as they are seen
    before it, by their numbers. What is drawn for one ``purpose`` is the same if it is asked for
    twice.
    """

    seed: int
    epoch: int
    place: int
    samples: Tensor
    dtype: torch.dtype
    data: AugmentedData
    others: Callable[[Tensor], Seen]

    def uniform(self, purpose: str, *sizes: int) -> Tensor:
        """Numbers in [0, 1).  Shape: [n, *sizes]."""
        return self._drawn(uniform, purpose, sizes)

    def symmetric(self, purpose: str, most: float, *sizes: int) -> Tensor:
        """Numbers from -most to most.  Shape: [n, *sizes]."""
        return self.uniform(purpose, *sizes).mul_(2 * most).sub_(most)

    def normal(self, purpose: str, *sizes: int) -> Tensor:
        """Standard normal numbers.  Shape: [n, *sizes]."""
        return self._drawn(normal, purpose, sizes)

    def below(self, purpose: str, count: int) -> Tensor:
        """Whole numbers from 0 up to ``count``, without it.  Shape: [n], int64."""
        return below(self._key(purpose), self.samples, count)

    def _drawn(self, draw: Callable[..., Tensor], purpose: str, sizes: Sequence[int]) -> Tensor:
        units = math.prod(sizes)
        return draw(self._key(purpose), self.samples, units, self.dtype).view(-1, *sizes)

    def _key(self, purpose: str) -> int:
        return augmentation_key(self.seed, self.epoch, self.place, purpose)


@dataclass_transform(field_specifiers=(arg,))
class Augmentation(Item, abstract=True):
    """Changes the inputs of training samples, each time in another way, and keeps their shape.

    ``forward(x, draws)`` gives the inputs that training sees for the inputs x [n, *]. What it does
    to a sample depends on this sample and on ``draws`` alone. It never writes into x.

    Each of ``examples`` is a call of it in netlang, and the shape of a sample.
    """

    kind = "augmentation"
    mixes: ClassVar[bool] = False  # whether targets become mixtures of several samples' targets
    in_order: ClassVar[bool] = False  # whether it needs all samples, in the order of the data
    examples: ClassVar[Sequence[tuple[str, tuple[int, ...]]]] = ()

    @property
    def noise(self) -> float:
        """The deviation of what it adds to the numbers that a network sees, if it is noise."""
        return 0.0

    def apply(self, seen: Seen, draws: Draws) -> Seen:
        """The samples as they are seen behind it."""
        return seen.replace(inputs=self.forward(seen.inputs, draws))

    @abstractmethod
    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        """The inputs that training sees.  Shape: [n, *] -> the same."""

    @abstractmethod
    def remark(self, given: Given) -> Remark | None:
        """What speaks against it for these samples, if anything does."""


def each(numbers: Tensor, x: Tensor) -> Tensor:
    """Numbers [n] of samples, to be computed with ``x`` [n, *]."""
    return numbers.view(-1, *[1] * (x.dim() - 1))


def about(found: Description) -> str:
    """What samples are, in words."""
    if found.input.vocabulary is not None:
        return "the samples are tokens"
    if found.inputs:
        return "a sample has several inputs"
    if found.columns:
        return "the samples are rows of a table"
    if found.input.padded:
        return "the samples are sequences of unequal length"
    return f"a sample is {[*found.input.sizes]}"


def is_picture(found: Description) -> bool:
    """Whether samples are [C, H, W] or [H, W]."""
    plain = found.input.vocabulary is None and not (found.inputs or found.columns)
    return plain and not found.input.padded and len(found.input.sizes) in (2, 3)


def has_places(found: Description) -> bool:
    """Whether targets are for each place of a picture, or for the picture as a whole."""
    return is_picture(found) and found.target_shape[-2:] == found.input.sizes[-2:]


def of_numbers(what: str, given: Given) -> Remark | None:
    """What speaks against an augmentation that does ``what`` to numbers, for these samples."""
    found, data = given.found, given.data
    if found.input.vocabulary is None and all(one.vocabulary is None for _, one in found.inputs):
        return None
    if found.input.vocabulary is None:
        return Remark(f"{what}, and an input of these samples is tokens", "leave it out")
    is_text = data is not None and data.predicts_next
    help = "leave it out" + "; `Windows` lets samples of a text begin elsewhere" * is_text
    return Remark(f"{what}, and the samples are tokens", help)


def as_values(seen: Seen, outputs: Sequence[int]) -> Tensor:
    """The targets that the loss takes, in the shape of the outputs."""
    t, inputs = seen.of_loss, seen.inputs
    if t.is_floating_point():
        return t
    return one_hot(t, outputs[-1], inputs.dtype)
