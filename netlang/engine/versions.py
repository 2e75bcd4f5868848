"""What computes has versions, and results may depend on them."""

from __future__ import annotations

import platform

import netlang
from netlang.system.lazy import torch


def versions() -> dict[str, str]:
    """The versions of netlang, torch and Python, by their names."""
    return {
        "netlang": netlang.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
