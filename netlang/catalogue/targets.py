"""What losses and metrics ask of outputs and targets: nothing is broadcast in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def of_one_shape(name: str, y: Tensor, t: Tensor) -> None:
    """Outputs ``y`` and targets ``t`` of ``name``: real numbers of one shape [N, *], N at least 1.

    Raises TypeError or ValueError, which say what ``name`` takes.
    """
    of_samples(name, y, t)
    if y.shape != t.shape:
        help = ""
        if are_classes(y, t):
            help = f": `encode(targets, {y.shape[-1]})` makes class numbers such"
        elif y.numel() == t.numel():
            help = ": `targets.reshape(outputs.shape)` makes them one"
        given = f"{list(y.shape)} and {list(t.shape)}"
        raise ValueError(f"{name} takes outputs and targets of one shape, not {given}{help}")


def of_samples(name: str, y: Tensor, t: Tensor) -> None:
    """Outputs and targets of ``name`` are real numbers, of one sample at least."""
    for what, given in (("outputs", y), ("targets", t)):
        if not isinstance(given, torch.Tensor):
            raise TypeError(f"{name} takes {what} in a tensor, not a {type(given).__name__}")
        if given.is_complex():
            raise TypeError(f"{name} takes {what} of real numbers, not {given.dtype}")
    if not y.numel():
        raise ValueError(f"{name} takes outputs of one sample or more, not shape {list(y.shape)}")
    if not y.dim():
        raise ValueError(f"{name} takes outputs of shape [N, *], not a single number")


def are_classes(y: Tensor, t: Tensor) -> bool:
    """Whether ``t`` is a whole number for each sample of ``y``.  Shape: y [N, *, C], t [N, *]."""
    return t.shape == y.shape[:-1] and not t.is_floating_point()
