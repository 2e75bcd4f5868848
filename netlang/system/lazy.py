"""torch, imported on first use.

To import torch takes a second and a half, and neither a declared layer nor a check needs a tensor.
``from netlang.system.lazy import torch`` gives a stand-in that imports torch when it is first used,
and remembers each attribute, so that later look-ups cost what a module's do.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch as torch
else:

    class _Torch:
        def __getattr__(self, name: str) -> Any:
            with warnings.catch_warnings():
                # Nothing here needs NumPy, so that torch need not warn that there is none.
                warnings.filterwarnings("ignore", "Failed to initialize NumPy")
                import torch as real

            value = getattr(real, name)
            setattr(self, name, value)
            return value

    torch = _Torch()
