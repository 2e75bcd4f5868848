"""Writes the C of a whole training step around the texts of its kernels.

The way from a graph to C, where each file knows only those above it:

- ``checks`` refuses kernels with which the C would be wrong.
- ``plan`` gives each layer its kernel, and says which layers run together, as a ``Stage``.
- ``calls`` are what becomes of a stage: a function in C, and what is passed to it. ``loops`` makes
  the calls for elementwise layers, and ``kernel_calls`` those for all others, the loss, and the
  ``arrays`` that stay with weights. ``scope`` says what the text of a kernel can name.
- ``buffers`` gives everything that calls read and write its memory.
- ``writing`` makes text of calls, and of each function once; ``outlining`` cuts long lists of them.
- ``emit`` runs all of this, for training and to evaluate, and fills ``frame.c`` with it. The
  functions that kernels call are in ``prelude.c``.
"""
