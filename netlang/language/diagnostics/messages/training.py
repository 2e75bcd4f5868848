"""E0411 to E0413, E0424: training that fails, or that would."""

from __future__ import annotations

import math

from netlang.language.diagnostics.diagnostic import Diagnostic, Message, Texts
from netlang.language.diagnostics.wording import either

_FAR = 100  # times an optimizer's default learning rate: networks are trained with less


class Diverged(Diagnostic):
    """``span`` is the optimizer's, ``lr`` its learning rate, if it has one, with its ``default``.

    ``target`` is the largest number to predict, if it is large. The first number that is not finite
    is of the ``step`` (from 1) and the ``layer``, and is ``what`` that says, as far as is known.
    """

    code = "E0411"
    metric: str
    value: str
    epoch: int
    lr: float | None
    default: float | None
    target: float | None = None
    step: int = 0
    layer: str = ""
    what: str = ""
    rate: float | None = None  # that the schedule had made of the learning rate in that step

    def message(self) -> Message:
        steps = "these steps are" if self.lr is None else f"steps of `lr={self.lr:g}` are"
        label = f"{steps} too large for this network and data"
        if self._steps_are_tiny:
            label = f"{steps} small, but the numbers are too large even for them"
        notes = [f"the first number that is not finite is {self.what}"] if self.what else []
        if self.rate is not None:
            notes.append(f"the schedule had brought `lr` to {self.rate:.3g} in that step")
        if self.target is not None:
            largest = f"numbers to predict are as large as {self.target:g}"
            notes.append(f"{largest}, and outputs start near 0")
        title = f"training diverged: `{self.metric}` is {self.value} after epoch {self.epoch}"
        if self.step:
            layer = f", at `{self.layer}`" * bool(self.layer)
            title = f"training diverged in step {self.step:,} of epoch {self.epoch}{layer}"
        return Message(title, label, notes=tuple(notes), helps=self._helps())

    def _helps(self) -> Texts:
        scaled = "scale the numbers to predict to about 1, in the data file"
        if self._steps_are_tiny:  # then training fails for another reason than their size
            inputs = "look at the data: inputs and numbers to predict are best near 1"
            return inputs if self.target is None else scaled
        return self._smaller if self.target is None else (scaled, f"or {self._smaller}")

    @property
    def _smaller(self) -> str:
        """A learning rate to try: a tenth, or the default where that is far below."""
        if self.lr is None:
            return "take smaller steps"
        if self.default is not None and self.lr > _FAR * self.default:
            return f"take smaller steps, say `lr={self.default:g}`, which is the default"
        return f"take smaller steps, say `lr={self.lr / 10:g}`"

    @property
    def _steps_are_tiny(self) -> bool:
        if self.lr is None or self.default is None:
            return False
        return self.lr < self.default / _FAR**2


class NoLoss(Diagnostic):
    """The outputs are numbers, but their loss, at ``span``, is not.

    ``layers`` would give the outputs that it takes.
    """

    code = "E0413"
    loss: str
    value: str
    layers: tuple[str, ...]

    def message(self) -> Message:
        if self.layers:
            ends = either(f"-> {layer}" for layer in self.layers)
            helps = f"it takes probabilities: end the network with {ends}"
        else:
            helps = "outputs and targets may be too large for it: scale them down"
        return Message(
            title=f"`{self.loss}` of the network's outputs is {self.value}",
            label="takes other outputs, or other targets",
            helps=helps,
        )


class WrongGradient(Diagnostic):
    """``gradient`` says which one is wrong, and ``method`` computes it, of the layer or the loss at
    ``span``, if it is that of either.

    Beside central differences, it is off by ``error``, relative to the largest of its numbers.
    """

    code = "E0424"
    gradient: str
    method: str
    error: float
    threshold: float

    def message(self) -> Message:
        apart = f"it is off by {self.error:.2g} times the largest of its numbers"
        if not math.isfinite(self.error):
            apart = "some of its numbers are not finite"
        rounding = f"{self.threshold:g} times that is taken for rounding"
        return Message(
            title=f"{self.gradient} is wrong",
            label=apart,
            notes=(None if self.span else apart, f"central differences say so; {rounding}"),
            helps=f"`{self.method}` computes it: mend that",
        )


class TooMuchMemory(Diagnostic):
    """``span`` is the largest layer's; ``needed`` and ``available`` are bytes, for each of so many
    ``workers`` of this machine.
    """

    code = "E0412"
    needed: int
    available: int
    workers: int = 1

    def message(self) -> Message:
        needed, available = _gigabytes(self.needed), _gigabytes(self.available)
        each = f" for each of {self.workers} workers" * (self.workers > 1)
        return Message(
            title=f"training takes about {needed}, and this machine has {available}{each}",
            label="the largest layer",
            helps=f"make it smaller, or take a smaller `batch`{' or fewer workers' * bool(each)}",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 2**30:,.3g} GiB" if size < 1000 * 2**30 else f"{size // 2**30:,} GiB"
