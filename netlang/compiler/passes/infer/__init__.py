"""Infer: find the shape that each layer gives and the size of each hole, and check them."""

from netlang.compiler.passes.infer.inference import Output, infer

__all__ = ["Output", "infer"]
