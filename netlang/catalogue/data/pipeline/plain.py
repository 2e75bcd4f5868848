"""Plain numbers become inputs at once, by a pipeline that scales them and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import LARGEST
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray


def plain_inputs(
    numbers: NDArray[Any], shift: NDArray[Any], scale: NDArray[Any]
) -> NDArray[Any] | None:
    """The ``numbers`` less ``shift`` and over ``scale``, which are broadcast to them.

    None where one is missing, or larger than 32-bit floats can hold, and for what are no numbers:
    a pipeline's ``apply`` says what is wrong there.  Shape: [N, *] -> [N, *].
    """
    if numbers.dtype.kind not in "fiu":
        return None
    least, most = float(numbers.min(initial=0)), float(numbers.max(initial=0))
    if not (least >= -LARGEST and most <= LARGEST):
        return None
    inputs: NDArray[Any] = numbers - shift
    inputs /= scale
    return inputs.astype("f4" if torch.get_default_dtype() == torch.float32 else "f8")
