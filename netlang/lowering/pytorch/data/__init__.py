"""Data in PyTorch: an exported file draws or reads it, and divides it as netlang does.

It checks nothing, as the compiler has done that.
"""

from netlang.lowering.pytorch.data import arrays as arrays
from netlang.lowering.pytorch.data import made as made
from netlang.lowering.pytorch.data import tables as tables
from netlang.lowering.pytorch.data import text as text
