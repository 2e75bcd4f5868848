"""An export is made of these: layers, losses and data as texts of Python.

In a text, ``torch``, its ``nn`` and ``optim``, ``F`` for ``nn.functional``, and ``math`` are known.
Whatever else it uses, it brings along as a ``TorchDefinition``.
"""

from __future__ import annotations

from netlang.system.record import Record


class TorchDefinition(Record):
    """A function or class that a text uses: its source, and what has to be imported for it."""

    source: str
    imports: tuple[str, ...] = ()  # lines, such as "import csv"
    uses: tuple[TorchDefinition, ...] = ()
    takes_table: bool = False  # of ``load_data``: whether it also takes the path of a table


class TorchModule(Record):
    """A layer as an expression that makes an ``nn.Module``, such as ``nn.Linear(2, 25)``."""

    text: str
    uses: tuple[TorchDefinition, ...] = ()


class TorchExpression(Record):
    """A layer as an expression of its input ``x``, or of its inputs ``x0``, ``x1``, ..."""

    text: str


class TorchLoss(Record):
    """A loss as an expression of outputs ``y`` and targets ``t``.

    ``per_sample`` is the loss on the scale of one sample, as an expression of ``loss``, ``y`` and
    ``t``. Targets are class numbers if ``of_classes``, and else values of the outputs' shape.
    """

    text: str
    per_sample: str = "loss(y, t)"
    of_classes: bool = False
    uses: tuple[TorchDefinition, ...] = ()
