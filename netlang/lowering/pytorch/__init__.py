"""Exports: a program as source for somebody else's framework."""

from netlang.lowering.pytorch.program import Exported, Unexportable, is_module, to_pytorch

__all__ = ["Exported", "Unexportable", "is_module", "to_pytorch"]
