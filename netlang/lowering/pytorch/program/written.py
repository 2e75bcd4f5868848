"""Definitions as the text of a file: each once, behind what it uses, below all that they import."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from netlang.lowering.pytorch.counterparts import TorchDefinition

_STANDARD = {"argparse", "csv", "math", "os", "sys"}  # Python's modules that any text may name


def written(definitions: Iterable[TorchDefinition], head: str, constants: str) -> str:
    """The text of a file that begins with a ``head``; its imports and ``constants`` follow."""
    needed = [*with_uses(definitions)]
    body = "\n\n".join(dict.fromkeys(one.source for one in needed))  # each once
    above = filter(None, [head, _imports(body, needed), constants])
    return "\n".join([*above, f"\n{body}"])


def with_uses(needed: Iterable[TorchDefinition]) -> Iterator[TorchDefinition]:
    """The definitions and all that they use, each behind what it uses."""
    for one in needed:
        yield from with_uses(one.uses)
        yield one


def _imports(body: str, definitions: Sequence[TorchDefinition]) -> str:
    """The modules that the text names."""
    named = set(re.findall(r"\b(\w+)\.", body))
    lines = {line for one in definitions for line in one.imports}
    lines |= {f"import {name}" for name in _STANDARD & named}
    lines |= {"import torch"} if "torch" in named else set()
    lines |= {"import torch.nn.functional as F"} if "F" in named else set()
    lines.add("from torch import nn, optim" if "optim" in named else "from torch import nn")
    ordered = sorted(lines, key=lambda line: (line.startswith("from "), line))
    standard = [line for line in ordered if _is_of_python(line)]
    others = [line for line in ordered if not _is_of_python(line)]
    return "\n".join([*standard, *([""] if standard else []), *others]) + "\n"


def _is_of_python(line: str) -> bool:
    """Whether an import is of a module of Python's own."""
    return re.split(r"[ .]", line)[1] in sys.stdlib_module_names
