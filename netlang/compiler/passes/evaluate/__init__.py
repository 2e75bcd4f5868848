"""Evaluate: an expression becomes a value; its names are looked up, and blocks are entered."""

from netlang.compiler.passes.evaluate.evaluator import Evaluator

__all__ = ["Evaluator"]
