"""The passes of the compiler; ``compile`` runs them in their order.

They hand on ``values``; an ``analysis`` tells an editor what they found.
"""

from netlang.compiler.passes.analysis import Analysis
from netlang.compiler.passes.compile import Compilation, compile_source

__all__ = ["Analysis", "Compilation", "compile_source"]
