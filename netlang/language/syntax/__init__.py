"""From text to a syntax tree: reading, statements, grammar, tree; and back, in one style."""

from netlang.language.syntax.format import format_source
from netlang.language.syntax.override import ByOption, parse_override
from netlang.language.syntax.parse import parse
from netlang.language.syntax.read import decode, read, read_import

__all__ = ["ByOption", "decode", "format_source", "parse", "parse_override", "read", "read_import"]
