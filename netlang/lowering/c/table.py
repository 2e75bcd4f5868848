"""How layers, losses and optimizers are said in C.

The function of a layer gets the layer and the shape of a sample of each of its inputs, and gives a
``Kernel``; that of a loss gets the loss and the shape of a sample of the outputs, and gives an
``Elementwise`` or ``Rowwise``; that of an optimizer gets its class, and gives an ``Update``. One
that has none, or gives None, is left to tensors.
"""

from typing import Any

from netlang.catalogue.arguments import Item
from netlang.lowering.c.errors import Unsupported
from netlang.lowering.table import Table

lowers = Table("C", "layer", "loss", "optimizer")


def lowered(name: str, item: Item | type[Item], *about: object) -> Any:
    """What the function for ``item`` gives.  Raises Unsupported, with its ``name``, for none."""
    found = lowers.lowered(item, *about)
    if found is None:
        raise Unsupported(f"{name} has no C")
    return found
