"""Bind: match the arguments of a call to those that its item or its block declares."""

from netlang.compiler.passes.bind.binder import Binder
from netlang.compiler.passes.bind.bound import BoundCall, BoundValue, holes_in
from netlang.compiler.passes.bind.matching import match_block

__all__ = ["Binder", "BoundCall", "BoundValue", "holes_in", "match_block"]
