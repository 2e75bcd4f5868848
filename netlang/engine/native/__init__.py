"""The native engine: a program's training steps as one function of C, compiled when needed."""

from netlang.engine.native.cc import NotCompiled as NotCompiled
from netlang.engine.native.engine import NativeEngine as NativeEngine
