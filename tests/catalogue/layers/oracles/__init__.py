"""The layers of the catalogue by other means: what autograd is asked about.

Each file has a family's in its ``ORACLES``, by the names of the layers. An oracle takes a layer,
whose tensors it reads, and its inputs.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from torch import Tensor

Oracle = Callable[..., Tensor]

ORACLES: dict[str, Oracle] = {
    name: oracle
    for family in pkgutil.iter_modules(__path__, f"{__name__}.")
    for name, oracle in importlib.import_module(family.name).ORACLES.items()
}
