"""Backends: how an epoch of training is executed."""

from netlang.engine.choice import BACKENDS, choose
from netlang.engine.tensor import TensorBackend

__all__ = ["BACKENDS", "TensorBackend", "choose"]
