"""netlang: a small language for neural networks, whose gradients are written by hand.

``from netlang import *`` gives the catalogue's layers, losses, optimizers and data sets, and
Sequential. They are imported when the first of them is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # of type checkers it is true; typing itself takes time to import
if TYPE_CHECKING:
    from typing import Any

    from netlang.catalogue import ITEMS
    from netlang.data import *
    from netlang.diagnostics import DiagnosticError
    from netlang.losses import *
    from netlang.metrics import *
    from netlang.modules import *
    from netlang.optim import *

    __all__ = [
        "MSE",
        "DiagnosticError",
        "Sequential",
        "encode",
        *(item.__name__ for item in ITEMS.values()),
    ]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """A name of the catalogue, of which all are looked up with the first.

    Importing them takes a tenth of a second, in which the program would not heed a signal yet.
    """
    if name in ("__all__", "encode") or name[:1].isupper():  # and no name of a module
        globals().update(_catalogued())
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _catalogued() -> dict[str, Any]:
    from netlang import catalogue, data, losses, metrics, modules, optim
    from netlang.diagnostics import DiagnosticError

    found: dict[str, Any] = {"DiagnosticError": DiagnosticError, "encode": losses.encode}
    for room in (data, losses, metrics, modules, optim):
        found |= {name: value for name, value in vars(room).items() if name[:1].isupper()}
    classes = (item.__name__ for item in catalogue.ITEMS.values())
    return {**found, "__all__": ["MSE", "DiagnosticError", "Sequential", "encode", *classes]}
