"""netlang: a small language for neural networks, whose gradients are written by hand.

``from netlang import *`` gives the layers, losses, optimizers, data sets and metrics of the
catalogue, Sequential, what you need to write your own, and what checks and trains a file. They are
imported when the first of them is asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # of type checkers it is true; typing itself takes time to import
if TYPE_CHECKING:
    from netlang.api import *
    from netlang.api import NetClassifier as NetClassifier
    from netlang.api import NetRegressor as NetRegressor
    from netlang.api import __all__ as __all__
    from netlang.api import open as open

    # Its list of names is made of the catalogue, which type checkers cannot follow.
    from netlang.catalogue.augment import *
    from netlang.catalogue.averages import *
    from netlang.catalogue.clipping import *
    from netlang.catalogue.data import *
    from netlang.catalogue.layers import *
    from netlang.catalogue.losses import *
    from netlang.catalogue.metrics import *
    from netlang.catalogue.optimizers import *
    from netlang.catalogue.penalties import *
    from netlang.catalogue.schedules import *
    from netlang.catalogue.stopping import *

__version__ = "0.1.0"
# Those of its names that begin so, and none of its modules'.
_IN_SMALL_LETTERS = (
    *("__all__", "arg", "check_layer", "compile_source", "encode", "kept_runs", "load"),
    *("load_checkpoint", "load_model", "open", "read", "save_checkpoint", "unify", "use_plugin"),
)
# Python has them, too: `from netlang import *` leaves these as they are.
_NOT_FOR_STAR = ("open",)
# They need scikit-learn, which few have who take all names.
_OF_SKLEARN = ("NetClassifier", "NetRegressor")
_FOR_IPYTHON = ("load_ipython_extension", "unload_ipython_extension")

if not TYPE_CHECKING:  # for which a module with it has every name

    def __getattr__(name):
        if name in (*_IN_SMALL_LETTERS, *_FOR_IPYTHON) or name[:1].isupper():
            from netlang import api

            if name in (*api.__all__, *_NOT_FOR_STAR, *_FOR_IPYTHON, *_OF_SKLEARN, "__all__"):
                return getattr(api, name)
            if name[:1].isupper() and (help := api.named_elsewhere(name)):
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}: {help}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from netlang import api

    return sorted([*api.__all__, *_NOT_FOR_STAR, *_OF_SKLEARN, "__version__"])
