"""Losses and metrics check that outputs and targets fit: nothing is broadcast in silence.

Targets are values of the outputs' shape [N, *], or class numbers: whole numbers of shape [N, *] for
outputs of shape [N, *, classes]. With one output, two classes are 0 and 1 in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netlang.language.diagnostics.wording import no_tensor
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

NO_CLASS = -1  # the class number of a position that says nothing, as padding does


def check_targets(
    name: str,
    tasks: Sequence[str],
    y: Tensor,
    t: Tensor,
    skips: bool = False,
    predicted: Callable[[Sequence[int]], tuple[int, ...]] = tuple,
) -> None:
    """Check that the loss or metric ``name`` takes targets ``t`` for outputs ``y``.

    It takes class numbers if "classification" is among its ``tasks``, and NO_CLASS at a position
    if it ``skips`` these. What outputs predict in a sample may have another shape than they.
    Raises TypeError or ValueError, which say what it takes.
    """
    check_samples(name, y, t)
    if (shape := predicted(y.shape[1:])) != tuple(y.shape[1:]):
        y = y.new_empty(()).expand(len(y), *shape)
    if "classification" in tasks and are_classes(y.shape, t):
        check_classes(t, y.shape[-1], skips)
        return
    if y.shape == t.shape:
        return
    help = ""
    if y.numel() == t.numel():
        help = ": `targets.reshape(outputs.shape)` gives them the outputs' shape"
    elif are_classes(y.shape, t):
        help = f": `encode(targets, {y.shape[-1]})` turns class numbers into this shape"
    elif "classification" in tasks and t.shape == y.shape[:-1]:
        help = ": `targets.long()` makes them class numbers"
    takes, shapes = "outputs and targets of one shape", f"{list(y.shape)} and {list(t.shape)}"
    if "classification" in tasks and y.dim() > 1:
        takes += f", or class numbers (whole) of shape {list(y.shape[:-1])}"
    raise ValueError(f"{name} takes {takes}, not {shapes}{help}")


def check_samples(name: str, y: Tensor, t: Tensor) -> None:
    """Raises TypeError or ValueError unless both are real numbers, of one sample or more."""
    for what, one in (("outputs", y), ("targets", t)):
        if not isinstance(one, torch.Tensor):
            raise TypeError(f"{name} takes {what} in a tensor, not {no_tensor(one)}")
        if one.is_complex():
            raise TypeError(f"{name} takes {what} of real numbers, not {one.dtype}")
    if not y.numel():
        raise ValueError(f"{name} takes outputs of one sample or more, not shape {list(y.shape)}")
    if not y.dim():
        raise ValueError(f"{name} takes outputs of shape [N, *], not a single number")


def incomparable(name: str, y: Tensor, t: Tensor) -> ValueError:
    """What the loss or metric ``name`` says of outputs and targets of which torch makes nothing."""
    each = (f"{[*one.shape]} ({one.dtype} on {one.device})" for one in (y, t))
    return ValueError(f"{name} cannot compare outputs and targets of shapes {' and '.join(each)}")


def are_classes(shape: Sequence[int], t: Tensor) -> bool:
    """Whether ``t`` has a class number for each row of outputs of this ``shape``."""
    return t.dim() > 0 and tuple(t.shape) == tuple(shape[:-1]) and not t.is_floating_point()


def check_classes(t: Tensor, outputs: int, skips: bool = False) -> None:
    """Raises ValueError if a class number is too large for so many ``outputs``, or below 0.

    A position may have NO_CLASS where these are skipped: ``skips`` says so of what takes them.
    Only class numbers on the CPU are checked: to look at another device's, it would have to wait.
    """
    if not t.numel() or not t.is_cpu:
        return
    last, (lowest, highest) = max(outputs, 2) - 1, (one.item() for one in t.aminmax())
    least = NO_CLASS if skips and t.dim() > 1 else 0
    if lowest < least or highest > last:
        wrong = lowest if lowest < least else highest
        raise ValueError(
            f"whole numbers of shape {list(t.shape)} are class numbers, which go from 0 to {last} "
            f"here, and none is {wrong}"
        )


def one_hot(t: Tensor, outputs: int, dtype: torch.dtype | None = None) -> Tensor:
    """1 in the output of each class number, 0 in the others.  Shape: [N, *] -> [N, *, outputs]."""
    columns = torch.zeros(*t.shape, max(outputs, 2), dtype=dtype, device=t.device)
    columns.scatter_(-1, t.long().unsqueeze(-1), 1)
    return columns if outputs > 1 else columns[..., 1:]  # one stands for the second of two classes


def encode(labels: Tensor, outputs: int, dtype: torch.dtype | None = None) -> Tensor:
    """Class numbers as values: 1 in the output of a sample's class, 0 in the others.

    Shape: [N] int64 -> [N, outputs]. With one output, two classes are 0 and 1 in it. Raises
    TypeError or ValueError for what is no class number, and for one too large for ``outputs``.
    """
    if not isinstance(labels, torch.Tensor):
        raise TypeError(f"class numbers are a tensor of shape [N], not a {type(labels).__name__}")
    if not isinstance(outputs, int) or isinstance(outputs, bool) or outputs < 1:
        raise ValueError(f"encode takes a whole number of outputs, at least 1, not {outputs!r}")
    if labels.dim() != 1 or labels.is_floating_point() or labels.is_complex():
        found = f"{labels.dtype} of shape {list(labels.shape)}"
        raise ValueError(f"class numbers are whole numbers of shape [N], not {found}")
    check_classes(labels, outputs)
    return one_hot(labels, outputs, dtype)


def classes_of(values: Tensor) -> Tensor:
    """The class of each sample: a single output above one half stands for the second.

    Shape: [N, *, outputs] -> [N, *].
    """
    return values.squeeze(-1) > 0.5 if values.shape[-1] == 1 else values.argmax(-1)


class OutputPart(Record):
    """One of several outputs: its ``name``, and where it lies in the rows of all.

    ``node`` is the number of the graph's node that gives it. It is of ``shape`` in one sample, and
    begins at ``begin`` of the row of outputs; its target likewise. ``task`` is the kind of target:
    "classification" has class numbers, of so many ``classes``.
    """

    name: str
    node: int
    begin: int
    shape: tuple[int, ...]
    target_begin: int
    target_shape: tuple[int, ...]
    task: str
    classes: int = 0

    @property
    def end(self) -> int:
        return self.begin + math.prod(self.shape)

    @property
    def target_end(self) -> int:
        return self.target_begin + math.prod(self.target_shape)

    def of_outputs(self, y: Tensor) -> Tensor:
        """This output alone.  Shape: [N, row] -> [N, *shape]."""
        return y[:, self.begin : self.end].reshape(len(y), *self.shape)

    def of_targets(self, t: Tensor) -> Tensor:
        """Its targets alone, class numbers in int64.  Shape: [N, row] -> [N, *target_shape]."""
        own = t[:, self.target_begin : self.target_end].reshape(len(t), *self.target_shape)
        return own.long() if self.classes else own
