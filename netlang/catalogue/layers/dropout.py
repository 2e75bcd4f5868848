"""Layers that drop numbers while a network is trained, and their masks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import DrawRequest, Layer
from netlang.catalogue.randomness import keep_mask
from netlang.language.shapes import Shape, ShapeError
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_DRAWN_UNITS = 1 << 12  # random numbers that are drawn at a time without an engine


class Dropout(Layer):
    """Zero each input with probability ``p`` while training, scale the rest by 1/(1-p).

    Shape: [N, *] -> [N, *].  Source: paper section IV; Srivastava et al. 2014.
    """

    # After an engine's ``draw``, each ``forward`` takes the mask of the next step. It depends on
    # (seed, epoch, layer, sample, unit) alone. ``forward`` raises RuntimeError if no mask is left,
    # or if it has another shape. Without ``draw``, each ``forward`` draws a mask of its own; the
    # first one takes their seed from torch's generator.

    p: float = arg(
        default=0.5,
        at_least=0.0,
        below=1.0,
        doc="probability that a unit is dropped",
        known_as=("rate", "prob", "probability", "drop_prob"),
    )

    alike = True
    only_in_training = "zeroes some of the outputs"
    examples: ClassVar[Sequence[tuple[str, *tuple[tuple[int, ...] | Shape, ...]]]] = (
        ("Dropout(0.5)", (6,)),
        ("Dropout(0.25)", (2, 3)),
        ("Dropout(0)", (3,)),
    )

    def prepare(self) -> None:
        self.masks: Iterator[Tensor] | None = None
        self._seed: int | None = None  # of its own masks
        self._draws = 0  # how often it has drawn own masks
        self._own_masks: list[Tensor] = []  # of the inputs to come, the next one last

    @property
    def draws(self) -> bool:
        return self.p > 0

    def units(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the mask for a ``sample`` of that shape, to which it is broadcast."""
        return sample

    def drawn(self, *x: Shape) -> tuple[int, ...]:
        return self.units(x[0].sizes)

    def draw(self, request: DrawRequest) -> None:
        if self.p == 0:
            return
        self.saved = self.masks = None  # frees the memory of the last ones
        units, count = math.prod(request.shape), len(request.samples)
        key = request.seed, request.epoch, request.layer
        mask = keep_mask(1 - self.p, *key, request.samples, units, request.dtype)
        self.masks = iter(torch.split(mask.view(count, *request.shape), request.batch))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = mask = self._next_mask(x) if self.training and self.p > 0 else None
        return x if mask is None else x * mask

    def backward(self, dy: Tensor) -> Tensor:
        return dy if self.saved is None else dy * self.saved

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"masks": None}

    def _next_mask(self, x: Tensor) -> Tensor:
        if self.masks is not None:
            return self._drawn_mask(self.masks, x)
        own, wanted = self._own_masks, (self._mask_shape(x), x.dtype, x.device)
        if not own or (own[-1].shape, own[-1].dtype, own[-1].device) != wanted:
            own = self._own_masks = self._draw_own(x)
        return own.pop()

    def _mask_shape(self, x: Tensor) -> tuple[int, ...]:
        return (*x.shape[:1], *self.units(x.shape[1:]))

    def _draw_own(self, x: Tensor) -> list[Tensor]:
        """Draw own masks for ``x`` and the inputs after it: many small ones take as long as one."""
        if self._seed is None:
            self._seed = int(torch.randint(2**62, (), device="cpu"))
        shape = self._mask_shape(x)
        count = max(1, _DRAWN_UNITS // max(1, math.prod(shape)))
        samples, units = torch.arange(count * len(x), device=x.device), math.prod(shape[1:])
        masks = keep_mask(1 - self.p, self._seed, self._draws, 0, samples, units, x.dtype)
        self._draws += 1
        return [*masks.view(count, *shape).unbind()][::-1]

    def _drawn_mask(self, masks: Iterator[Tensor], x: Tensor) -> Tensor:
        """The next mask that ``draw`` has made.  Raises RuntimeError if it does not fit ``x``."""
        mask = next(masks, None)
        if mask is None:
            raise RuntimeError(
                f"{self!r} has no mask left: draw those of the steps to come, "
                "or call eval() to go on without"
            )
        if mask.shape != (wanted := self._mask_shape(x)):
            shapes = f"{list(mask.shape)}, not {list(wanted)}"
            raise RuntimeError(f"{self!r}: the masks drawn are for inputs of shape {shapes}")
        if mask.dtype != x.dtype or mask.device != x.device:
            return mask.to(x)  # the network was moved after they were drawn
        return mask


class Dropout2d(Dropout, known_as=("Dropout1d", "Dropout3d", "SpatialDropout2D", "ChannelDropout")):
    """Zero whole channels with probability ``p`` while training, scale the rest by 1/(1-p).

    Numbers that lie side by side in a picture are alike: if one is dropped, the others tell it.

    Shape: [N, C, *] -> [N, C, *].  Source: Tompson et al. 2015.
    """

    alike = False
    examples = (
        ("Dropout2d(0.5)", (6, 2, 3)),
        ("Dropout2d(0.25)", (3, 4)),
        ("Dropout2d(0)", (3, 2, 2)),
    )

    def infer(self, x: Shape) -> Shape:
        if len(x.sample) < 2:
            reason = f"drops whole channels, and a sample of {x} has one number in each"
            help = "`Dropout` drops numbers one by one"
            raise ShapeError(x.of_rank(3), reason=reason, help=help)
        return x

    def units(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        return (*sample[:1], *(1,) * len(sample[1:]))


class DropPath(Dropout, known_as=("StochasticDepth", "DropBranch", "SampleDropout")):
    """Zero a sample as a whole with probability ``p`` while training, scale the rest by 1/(1-p).

    At the end of a residual branch, it leaves the block out: ``[Identity, F -> DropPath(0.1)] ->
    Add``.

    Shape: [N, *] -> [N, *].  Source: Huang et al. 2016, "Stochastic Depth".
    """

    examples = (("DropPath(0.5)", (6,)), ("DropPath(0.25)", (2, 3)), ("DropPath(0)", (3,)))

    def units(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        return (1,) * len(sample)
