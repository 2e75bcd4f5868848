"""The native backend: a program's training steps as one function of C, compiled when needed."""

from netlang.engine.native.backend import NativeBackend
from netlang.lowering.c.errors import NoLibrary, Unavailable, Unsupported

__all__ = ["NativeBackend", "NoLibrary", "Unavailable", "Unsupported"]
