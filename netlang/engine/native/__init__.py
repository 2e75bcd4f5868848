"""The native engine: a program's training steps as one function of C, compiled when needed."""

from netlang.engine.native.engine import NativeEngine
from netlang.lowering.c.errors import NoLibrary, Unavailable, Unsupported

__all__ = ["NativeEngine", "NoLibrary", "Unavailable", "Unsupported"]
