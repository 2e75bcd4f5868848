"""Writes a trained network as C11 that needs nothing but <math.h>, for ``netlang export --to c``.

The mathematics of layers is that of the native engine: the texts of its kernels, for one sample
and rows without padding. From a graph to two files, where each imports only from those above it:

- ``numbers`` writes weights, names and comments, ``spelling`` turns the engine's words into C11's.
- ``functions`` puts a kernel into a function, ``memory`` gives values their places in the caller's
  memory, and ``network`` calls the functions in their order.
- ``cells`` finds what is in a cell, ``columns`` says what becomes of a table's.
- ``inputs`` says what becomes of raw numbers before the network, ``outputs`` what of its outputs.
- ``files`` puts all of it together: the header, and the source.
"""

from netlang.lowering.c.inference.files import STANDARD_HEADERS as STANDARD_HEADERS
from netlang.lowering.c.inference.files import to_c as to_c
