"""netlang: a small language for neural networks, whose gradients are written by hand.

``from netlang import *`` gives the catalogue's layers, losses, optimizers and data sets, and
Sequential.
"""

from netlang.catalogue import ITEMS
from netlang.data import *
from netlang.diagnostics import DiagnosticError
from netlang.losses import *
from netlang.metrics import *
from netlang.modules import *
from netlang.optim import *

__version__ = "0.1.0"
__all__ = [
    "MSE",
    "DiagnosticError",
    "Sequential",
    "encode",
    *(item.__name__ for item in ITEMS.values()),
]
