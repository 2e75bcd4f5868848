"""What layers, losses, optimizers, metrics and data are in PyTorch, for an export.

Each is an expression or a function of Python, and the exporter puts them into one file. There
``torch``, its ``nn`` and ``optim``, ``F`` for ``nn.functional``, and ``math`` are at hand; what
more a text uses, it brings along as a ``Definition``.
"""

from __future__ import annotations

from collections.abc import Sequence

from netlang.lowering.pytorch.python import literal
from netlang.system.record import Record


class Definition(Record):
    """A function or class that a text uses: its source, and the names that it imports."""

    source: str
    imports: tuple[str, ...] = ()  # such as "import csv"
    uses: tuple[Definition, ...] = ()


class TableLoader(Definition):
    """``load_data(seed, table=TABLE)``, and the path ``TABLE`` of the table that it reads."""


class TorchModule(Record):
    """A layer as an expression that makes an ``nn.Module``, such as ``nn.Linear(2, 25)``."""

    text: str
    uses: tuple[Definition, ...] = ()


class TorchExpression(Record):
    """A layer as what it gives for its input ``x``, or of several ``x0``, ``x1``, ..."""

    text: str


class TorchLoss(Record):
    """A loss for outputs ``y`` and targets ``t``, as an expression.

    ``per_sample`` is the same on the scale of one sample, where that is another. The targets are
    class numbers if ``of_classes``, else values of the outputs' shape.
    """

    text: str
    per_sample: str = "loss(y, t)"
    of_classes: bool = False


GENERATOR = Definition(
    '''\
def generator(seed, purpose):
    """Random numbers for one purpose; netlang draws its data with the same."""
    digest = hashlib.sha256(f"{seed}\\0{purpose}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
''',
    imports=("import hashlib",),
)

STANDARDISED = Definition(
    '''\
def standardised(train, *others):
    """All, less the mean of train and over its deviation, column by column.

    A column that is constant, but perhaps for rounding, is only shifted.
    """
    low, high = train.amin(0), train.amax(0)
    constant = high - low <= 1e-13 * low.abs().maximum(high.abs())
    mean = train.mean(0).where(~constant, train[0])
    deviation = train.std(0, correction=0).where(~constant, 1.0)
    deviation[deviation == 0] = 1.0  # of numbers too small to be squared
    return [(part - mean) / deviation for part in (train, *others)]
'''
)


def in_parts(parts: Sequence[str]) -> str:
    """How ``load_data`` ends: with ``inputs`` and ``targets`` of these parts, in their order."""
    return f"""\
    dtype = torch.get_default_dtype()
    inputs = [part.to(dtype) for part in inputs]
    return dict(zip({literal(parts)}, zip(inputs, targets)))
"""
