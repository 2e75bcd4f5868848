"""torch, numpy and zipfile, imported on first use.

To import torch takes a second and a half, and neither a declared layer nor a check needs a tensor.
``from netlang.system.lazy import torch`` gives a stand-in that imports torch when it is first used,
and remembers each attribute, so that later look-ups cost what a module's do. ``np`` is numpy, which
only data in arrays need. Few files need zipfile, which takes some milliseconds.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import zipfile as zipfile

    import numpy as np
    import torch as torch
else:

    class _Late:
        def __init__(self, module: str) -> None:
            self.__module = module

        def __getattr__(self, name: str) -> Any:
            with warnings.catch_warnings():
                # Few things here need NumPy, so that torch need not warn that there is none.
                warnings.filterwarnings("ignore", "Failed to initialize NumPy")
                real = importlib.import_module(self.__module)
            value = getattr(real, name)
            setattr(self, name, value)
            return value

    np, torch, zipfile = _Late("numpy"), _Late("torch"), _Late("zipfile")

__all__ = ["np", "torch", "zipfile"]
