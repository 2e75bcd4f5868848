"""Backends: how an epoch of training is executed."""

from netlang.backends.choice import BACKENDS, choose
from netlang.backends.tensor import TensorBackend

__all__ = ["BACKENDS", "TensorBackend", "choose"]
