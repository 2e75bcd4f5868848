"""Backends: how an epoch of training is executed."""

from netlang.backends.tensor import TensorBackend

__all__ = ["TensorBackend"]
