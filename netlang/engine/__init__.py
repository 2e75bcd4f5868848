"""Engines: how a step of training is executed, on which samples."""

from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.choice import BACKENDS, choose
from netlang.engine.contract import Engine
from netlang.engine.tensor import TensorEngine

__all__ = ["BACKENDS", "Batch", "Batches", "Cursor", "Engine", "TensorEngine", "choose"]
