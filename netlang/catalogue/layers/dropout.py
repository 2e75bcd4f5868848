"""Dropout, and its masks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import DrawRequest, Layer
from netlang.catalogue.randomness import keep_mask
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
        known_as=("rate", "prob", "probability"),
    )

    alike = True
    only_in_training = "zeroes some of the outputs"
    examples = (("Dropout(0.5)", (6,)), ("Dropout(0.25)", (2, 3)), ("Dropout(0)", (3,)))

    def prepare(self) -> None:
        self.masks: Iterator[Tensor] | None = None
        self._seed: int | None = None  # of its own masks
        self._draws = 0  # how often it has drawn own masks
        self._own_masks: list[Tensor] = []  # of the inputs to come, the next one last

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
        own, wanted = self._own_masks, (x.shape, x.dtype, x.device)
        if not own or (own[-1].shape, own[-1].dtype, own[-1].device) != wanted:
            own = self._own_masks = self._draw_own(x)
        return own.pop()

    def _draw_own(self, x: Tensor) -> list[Tensor]:
        """Draw own masks for ``x`` and the inputs after it: many small ones take as long as one."""
        if self._seed is None:
            self._seed = int(torch.randint(2**62, (), device="cpu"))
        count = max(1, _DRAWN_UNITS // max(1, x.numel()))
        samples, units = torch.arange(count * len(x), device=x.device), math.prod(x.shape[1:])
        masks = keep_mask(1 - self.p, self._seed, self._draws, 0, samples, units, x.dtype)
        self._draws += 1
        return [*masks.view(count, *x.shape).unbind()][::-1]

    def _drawn_mask(self, masks: Iterator[Tensor], x: Tensor) -> Tensor:
        """The next mask that ``draw`` has made.  Raises RuntimeError if it does not fit ``x``."""
        mask = next(masks, None)
        if mask is None:
            raise RuntimeError(
                f"{self!r} has no mask left: draw those of the steps to come, "
                "or call eval() to go on without"
            )
        if mask.shape != x.shape:
            shapes = f"{list(mask.shape)}, not {list(x.shape)}"
            raise RuntimeError(f"{self!r}: the masks drawn are for inputs of shape {shapes}")
        if mask.dtype != x.dtype or mask.device != x.device:
            return mask.to(x)  # the network was moved after they were drawn
        return mask
