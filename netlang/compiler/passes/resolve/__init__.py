"""Resolve: every definition of a file, and of what it imports, gets its value."""

from netlang.compiler.passes.resolve.imports import Unit, load
from netlang.compiler.passes.resolve.overrides import no_arguments, parse_overrides, with_argument
from netlang.compiler.passes.resolve.replacement import not_settable
from netlang.compiler.passes.resolve.resolution import resolve
from netlang.compiler.passes.resolve.resolved_file import ResolvedFile

__all__ = [
    "ResolvedFile",
    "Unit",
    "load",
    "no_arguments",
    "not_settable",
    "parse_overrides",
    "resolve",
    "with_argument",
]
