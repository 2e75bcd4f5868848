"""Texts of Python, for whatever target writes some: values, statements, copies of functions."""
