"""The passes of the compiler: resolve, bind, expand, infer, lint; compile runs them all."""

from netlang.compiler.passes.analysis import Analysis
from netlang.compiler.passes.compile import Compilation, compile_source, too_large_to_train

__all__ = ["Analysis", "Compilation", "compile_source", "too_large_to_train"]
