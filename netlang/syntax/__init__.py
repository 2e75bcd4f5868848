"""From text to a syntax tree: reading, statements, grammar, tree."""

from netlang.syntax.parse import parse, parse_override
from netlang.syntax.read import decode, read, read_import

__all__ = ["decode", "parse", "parse_override", "read", "read_import"]
