"""The native backend: a program's training steps as one function of C, compiled when needed."""

from netlang.backends.native.backend import NativeBackend
from netlang.backends.native.errors import NoLibrary, Unavailable, Unsupported

__all__ = ["NativeBackend", "NoLibrary", "Unavailable", "Unsupported"]
