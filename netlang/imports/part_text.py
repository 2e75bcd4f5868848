"""Parts as text in one line, with the arguments that are not at their defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping

from netlang.catalogue.arguments import as_source
from netlang.catalogue.registry import ITEMS
from netlang.imports.chains import Chain, Part, written
from netlang.imports.foreign_graph import Argument

Defaults = Mapping[str, Mapping[str, Argument]]  # of the parameters that have one, by the block


def text_of(chain: Chain, defaults: Defaults) -> str:
    return " -> ".join(one_line(part, defaults) for part in chain) or "Identity"


def one_line(part: Part, defaults: Defaults) -> str:
    """``part`` with all of its branches."""
    text = call_of(part, defaults)
    if part.kind == "repeat":
        (body,) = part.branches
        inner = text_of(body, defaults)
        is_single = len(body) == 1 and not body[0].branches and not body[0].tap
        return f"{inner} * {text}" if is_single else f"({inner}) * {text}"
    if part.branches:
        branches = ", ".join(text_of(branch, defaults) for branch in part.branches)
        return f"[{branches}] -> {text}" if text else f"[{branches}]"
    return text


def broken_call(part: Part, defaults: Defaults) -> list[str]:
    """The call in three lines, its arguments on the second one."""
    text = call_of(part, defaults)
    name, _, rest = text.partition("(")
    arguments, _, tap = rest.rpartition(")")
    return [f"{name}(", f"{arguments},", f"){tap}"] if arguments else [text]


def call_of(part: Part, defaults: Defaults) -> str:
    """``part`` without its branches: a call, how often it is repeated, or the name of a tap."""
    text = _call(part, defaults)
    return f"{text} as {part.tap}" if part.tap else text


def _call(part: Part, defaults: Defaults) -> str:
    if part.kind == "repeat":
        return written(part.arguments["times"])
    if part.kind == "input" and part.input:
        shape, tokens = part.input.shape, part.input.tokens
        sizes = ", ".join("_" if size is None else str(size) for size in shape or ())
        said = [as_source(in_one_line(part.name)), *([f"shape=[{sizes}]"] if shape else [])]
        said += [f"tokens={tokens}"] if tokens else []
        return f"Input({', '.join(said)})"
    said, is_named = [], part.kind == "layer" and part.name not in ITEMS
    optional = _optional(part, defaults)
    for name, value in part.arguments.items():
        is_named |= name in optional
        if name not in optional or not _same(value, optional[name]):
            said.append(f"{name}={written(value)}" if is_named else written(value))
    name = re.sub(r"\W", "_", part.name, flags=re.ASCII)
    return f"{name}({', '.join(said)})" if said else name


def in_one_line(text: str) -> str:
    """A text of a foreign file for a comment, which nothing in it may end."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _optional(part: Part, defaults: Defaults) -> Mapping[str, Argument]:
    """The arguments that may be left out, and what they are then."""
    if part.kind == "use":
        return defaults.get(part.name, {})
    item = ITEMS.get(part.name)
    takes = item.arguments if item else ()
    return {one.name: one.default for one in takes if not one.required}


def _same(one: Argument, other: Argument) -> bool:
    """Whether both are one value; in Python, true is 1, too."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
