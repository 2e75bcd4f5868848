"""Infer: the shape that each layer gives, holes, and whether the network's ends fit the data."""

from netlang.compiler.passes.infer.inference import Output, infer

__all__ = ["Output", "infer"]
