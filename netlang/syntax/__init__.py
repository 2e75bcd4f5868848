"""From text to a syntax tree: reading, statements, grammar, tree; and back, in one style."""

from netlang.syntax.format import format_source
from netlang.syntax.override import parse_override
from netlang.syntax.parse import parse
from netlang.syntax.read import decode, read, read_import

__all__ = ["decode", "format_source", "parse", "parse_override", "read", "read_import"]
