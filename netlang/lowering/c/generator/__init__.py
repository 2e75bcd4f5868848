"""Writes the C of a whole training step around the texts of its kernels: ``emit`` in emit.py."""
