"""An export is made of these: layers, losses and data as texts of Python.

In a text, ``torch``, its ``nn`` and ``optim``, ``F`` for ``nn.functional``, and ``math`` are known.
Whatever else it uses, it brings along as a ``TorchDefinition``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netlang.system.record import Record


class TorchDefinition(Record):
    """A function or class that a text uses: its source, and what has to be imported for it."""

    source: str
    imports: tuple[str, ...] = ()  # lines, such as "import csv"
    uses: tuple[TorchDefinition, ...] = ()

    @classmethod
    def of(cls, *functions: Callable[..., Any]) -> TorchDefinition:
        """Copies of netlang's own functions, which use each other and what any text may use."""
        return cls("\n\n".join(map(inspect.getsource, functions)))


class TorchModule(Record):
    """A layer as an expression that makes an ``nn.Module``, such as ``nn.Linear(2, 25)``.

    ``bare`` is what stands for it where its weights are read, and how they begin is no matter; it
    uses nothing.
    """

    text: str
    uses: tuple[TorchDefinition, ...] = ()
    bare: str = ""


class TorchExpression(Record):
    """A layer as an expression of its input ``x``, or of its inputs ``x0``, ``x1``, ..."""

    text: str


class TorchLoss(Record):
    """A loss as an expression of outputs ``y`` and targets ``t``.

    ``per_sample`` is the loss on the scale of one sample, as an expression of ``loss``, ``y`` and
    ``t``. ``each`` has the loss of each sample, of shape [N]; without it, a program whose samples
    have weights cannot be exported. Targets are class numbers if ``of_classes``, which may also be
    shares of classes if it is one ``of_shares``; else they are values of the outputs' shape.
    ``prediction`` is what metrics judge, as an expression of ``y``, and ``probabilities`` are those
    of classes and labels in 64 bits, if they are something else. What a mean is divided by is what
    it ``counts``, an expression of ``t``; it is empty where each term of a sum counts by itself.
    """

    text: str
    each: str = ""
    per_sample: str = "loss(y, t)"
    of_classes: bool = False
    uses: tuple[TorchDefinition, ...] = ()
    prediction: str = "y"
    probabilities: str = ""
    of_shares: bool = False
    counts: str = "len(t)"


class TorchMetric(Record):
    """A metric as an expression of a prediction ``y`` and targets ``t``. ``.item()`` may be added
    to it, and ``.tolist()`` if it gives ``several`` numbers, one for each class.
    """

    text: str
    uses: tuple[TorchDefinition, ...] = ()
    several: bool = False


class TorchOptimizer(Record):
    """An optimizer as what makes it, such as ``optim.SGD``, and the ``arguments`` that it takes
    behind the weights, each as an expression by its name. One that goes ``by_shape`` takes what has
    two dimensions for a matrix, and nothing else.
    """

    maker: str
    arguments: Mapping[str, str]
    uses: tuple[TorchDefinition, ...] = ()
    by_shape: bool = False

    def of(self, weights: str) -> str:
        """The expression that makes it for ``weights``, which is an expression, too."""
        arguments = (f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.maker}({', '.join([weights, *arguments])})"


class TorchData(Record):
    """A data set as the definition of ``load_data(seed)``.

    That makes a dictionary of each part's inputs and targets, class numbers or values. If it is
    ``weighted``, the samples' weights follow, [N] for each part. If it ``takes_table``, it is
    ``load_data(seed, table=TABLE)``, and the path ``TABLE`` stands above it. If it ``has_units``,
    targets are standardised, and ``to_values(y)`` stands above it, which gives outputs and targets
    in the units of the data. ``scaling`` is the definition where ``load_data`` learns ``SCALING``
    besides, what is taken from numbers of the data and what they are divided by.
    """

    definition: TorchDefinition
    takes_table: bool = False
    has_units: bool = False
    weighted: bool = False
    scaling: TorchDefinition | None = None


class TorchAugmentation(Record):
    """An augmentation as ``lines`` that change the tensors ``inputs`` and ``targets`` of samples.

    They may read all training samples as ``x`` and ``t``, and the numbers of these as ``order``. If
    it mixes, they may read the inputs of as many ``others``, and their targets, ``of_others``.
    """

    lines: Sequence[str]
    uses: tuple[TorchDefinition, ...] = ()


class TorchSchedule(Record):
    """A schedule as an expression of what the learning rate is multiplied by, in which ``at`` says
    how much of its part is over, in its unit, and ``t`` which share of it.
    """

    text: str
    uses: tuple[TorchDefinition, ...] = ()


class TorchStop(Record):
    """A stopping rule as two conditions: ``is_better`` of the number ``by`` which an epoch is
    better than the best one, and ``is_over`` of the number of epochs that were ``waited``; this is
    empty where it never ends a training.
    """

    is_better: str
    is_over: str
