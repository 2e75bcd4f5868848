"""torch, imported on first use.

Declaring a layer and checking a file need no tensor, and importing torch takes
a second and a half. ``from netlang.system.lazy import torch`` gives a stand-in that
imports it when the first attribute is asked for and remembers each attribute,
so that later look-ups cost what a module's do.
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
                # torch needs no NumPy for what it does here, and need not say that it has none.
                warnings.filterwarnings("ignore", "Failed to initialize NumPy")
                import torch as real

            value = getattr(real, name)
            setattr(self, name, value)
            return value

    torch = _Torch()
