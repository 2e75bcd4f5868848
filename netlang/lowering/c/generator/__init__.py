"""Writes the C of a whole training step around the texts of its kernels.

The way from a graph to C, where each file imports only from those above it:

- ``texts`` has the pieces of C that the others put together, and ``broadcast`` the index of a
  weight's number in a loop.
- ``checks`` refuses kernels with which the C would be wrong.
- ``arrays`` are those that stay with weights. ``plan`` gives each layer its kernel, and says which
  layers run together, as a ``Stage``.
- ``buffers`` gives everything that calls read and write its memory.
- ``calls`` are what becomes of a stage: a function in C, and what is passed to it. ``scope`` says
  what the text of a kernel can name. ``loops`` makes the calls for elementwise layers, and
  ``kernel_calls`` those for all others, for the loss and for arrays.
- ``writing`` makes text of calls, and of each function once; ``outlining`` cuts long lists of them.
- ``emit`` runs all of this, for training and to evaluate, and fills ``frame.c`` with it. The
  functions that kernels call are in the files of ``prelude/``.
"""
