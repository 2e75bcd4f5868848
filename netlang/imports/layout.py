"""How a chain is broken into lines; the formatter indents them."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.imports.chains import Chain, Part
from netlang.imports.naming import common_scope, telling
from netlang.imports.part_text import Defaults, broken_call, call_of, in_one_line, one_line, text_of
from netlang.language.syntax.format import WIDTH

_SHORT = 60  # branches that are shorter together stand in one line
_TINY = 12  # of those that are so short, such as taps, several stand in a line
_INDENT = 7  # of a line in brackets: 4, and 3 behind an arrow


class Layout:
    """The lines of chains, in which blocks have ``defaults``."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    def network(self, net: Chain) -> list[str]:
        """A line for each layer with weights or block, and its foreign name behind it."""
        rows = [*_rows(net)]
        names = [*map(_name, rows)]
        text = "net = " + text_of(net, self._defaults)
        if len(text) <= _SHORT and not any(names):
            return [text]
        lines: list[str] = []
        for row, name in zip(rows, names, strict=True):
            comment = f"  # {in_one_line(name)}" if name else ""
            begin = "-> " if lines else "net = "
            own = self.chain(begin, row)
            if len(own[0] + comment) > WIDTH and len(row) > 1 and row[0].kind == "use":
                own = [*self.chain(begin, row[:1]), *self.chain("-> ", row[1:])]
            named = 0 if row[0].kind == "use" else len(own) - 1
            lines += [line + comment * (number == named) for number, line in enumerate(own)]
        return lines

    def chain(self, begin: str, chain: Chain, depth: int = 0) -> list[str]:
        """The lines of a chain that stands in so many brackets; the first begins with ``begin``."""
        width = max(WIDTH - _INDENT * depth, _SHORT)
        text = begin + text_of(chain, self._defaults)
        if not chain or (len(text) <= width and not any(map(self._is_long, chain))):
            return [text]
        broken = self._broken(chain)
        lines: list[str] = []
        line = begin
        for number, part in enumerate(chain):
            arrow = " -> " if number else ""
            short = one_line(part, self._defaults)
            fits = len(line + arrow + short) <= width
            if part in broken:
                more = self._branches(part, line + arrow, depth)
            elif number and not fits:
                lines.append(line)
                more = [f"   -> {short}"]
            elif fits or part.branches:
                more = [line + arrow + short]
            else:
                first, *rest = broken_call(part, self._defaults)
                more = [line + arrow + first, *rest]
            lines += more[:-1]
            line = more[-1]
        return [*lines, line]

    def _broken(self, chain: Chain) -> list[Part]:
        """The parts whose branches get lines of their own in a chain that is too long for one."""
        long = [part for part in chain if self._is_long(part)]
        branching = [part for part in chain if part.branches]
        if long or not branching:
            return long
        longest = max(branching, key=lambda part: len(one_line(part, self._defaults)))
        return [longest] if len(one_line(longest, self._defaults)) > _SHORT // 2 else []

    def _branches(self, part: Part, begin: str, depth: int) -> list[str]:
        """A line for each branch of ``part``, or for what it repeats."""
        call = call_of(part, self._defaults)
        inner = [self.chain("", branch, depth + 1) for branch in part.branches]
        if part.kind == "repeat":
            return [begin + "(", *inner[0], f") * {call}"]
        rows: list[str] = []
        was_tiny = False
        for *others, last in inner:
            is_tiny = not others and len(last) <= _TINY
            if is_tiny and was_tiny and len(rows[-1]) + len(last) < _SHORT:
                rows[-1] += f" {last},"
            else:
                rows += [*others, f"{last},"]
            was_tiny = is_tiny
        return [begin + "[", *rows, f"] -> {call}" if call else "]"]

    def _is_long(self, part: Part) -> bool:
        """Whether its branches need lines of their own."""
        if not part.branches:
            return False
        deep = any(self._is_long(inner) for branch in part.branches for inner in branch)
        return deep or len(one_line(part, self._defaults)) > _SHORT


def _rows(net: Chain) -> Iterator[Chain]:
    """The parts of the network by lines: one with weights, and those without behind it."""
    row: list[Part] = []
    for part in net:
        begins = part.learns or part.name in ("Flatten", "GlobalAvgPool")
        waits = bool(row) and all(not one.learns for one in row)
        if row and begins and not waits:
            yield tuple(row)
            row = []
        row.append(part)
    if row:
        yield tuple(row)


def _name(row: Chain) -> str:
    """What the foreign file calls the part of ``row`` that has weights, if it has a name for it."""
    part = next((part for part in row if part.learns), row[0])
    said = [layer.name for layer in part.layers if not layer.name.startswith("#")]
    names = telling(said)
    weighted = [one.name for one in part.layers if Part("layer", one.call).family == "weights"]
    if len(weighted) == 1 and weighted[0] in names:
        return weighted[0]
    if not names or (part.kind == "layer" and not part.branches):
        return names[-1] if names else ""
    return common_scope(names) or f"{names[0]} to {names[-1]}"
