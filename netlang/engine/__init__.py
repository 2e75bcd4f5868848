"""Engines train a network and evaluate it; batches say which samples a step of training takes."""

from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.choice import BACKENDS, choose
from netlang.engine.contract import Engine
from netlang.engine.tensor import TensorEngine

__all__ = ["BACKENDS", "Batch", "Batches", "Cursor", "Engine", "TensorEngine", "choose"]
