"""What ``--set`` of ``netlang tune`` gives: one value for all trials, or candidates."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from netlang.catalogue.settings import SETTINGS
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.lexis import RANGE, tokens

_RANGE = re.compile(
    rf"(?P<range>{RANGE.pattern})"
    r"\s*(?::\s*(?P<how>log|(?:step\s*=?\s*)?(?P<step>[0-9.eE+-]+))\s*)?"
)
_ALMOST = re.compile(r"[\[(]?[\w.+-]*\.\.(?!/)[^\"/]*")  # a range, but for something; no file
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DIFFERENCE = re.compile(rf"(?P<low>{_NUMBER})-(?P<high>{_NUMBER})")
_FIRST = re.compile(r"(?P<name>\w+)\[\s*0\s*\](?P<rest>\..*)")
_RANGES = "1e-4..1e-1, 1e-4..1e-1:log, or with a step 8..64:8"


def parted(overrides: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The overrides that fix a value, and those that list candidates, as statements.

    Raises UsageError for what is almost a range, and for a path that has both.
    """
    fixed, searched = list[str](), dict[str, str]()
    for one in overrides:
        path, sign, value = (part.strip() for part in one.partition("="))
        path = _of_first_part(path)
        candidates = _candidates(value) if sign else ""
        if not candidates:
            fixed.append(one)
        elif "[" in path:
            raise click.ClickException(_of_part(path))
        else:
            searched[path] = f"tune {path} in {candidates}"
    for one in fixed:
        path = _of_first_part(one.partition("=")[0].strip())
        if path in searched:
            raise click.UsageError(f"--set gives `{path}` one value, and candidates: take one")
    return tuple(fixed), tuple(searched.values())


def _of_first_part(path: str) -> str:
    """``optimizer[0].lr`` is ``optimizer.lr``."""
    found = _FIRST.fullmatch(path)
    setting = SETTINGS.get(found["name"]) if found else None
    return f"{found['name']}{found['rest']}" if found and setting and setting.by_part else path


def _of_part(path: str) -> str:
    """Why nothing of a part without a name is tuned, and what is instead."""
    name = path.rpartition(".")[2]
    return (
        f"--set {path} is of a part without a name, which is not tuned: give the value a name in "
        f"the file, as `my_{name} = ...` with `{name}=my_{name}` in that part, and tune `my_{name}`"
    )


def _candidates(value: str) -> str:
    """The candidates as a statement has them; an empty text for one value."""
    if found := _RANGE.fullmatch(value):
        how = " log" if found["how"] == "log" else f" step {found['step']}" if found["step"] else ""
        return found["range"] + how
    if (found := _DIFFERENCE.fullmatch(value)) and float(found["low"]) < float(found["high"]):
        text = f"{found['low']}..{found['high']}"
        what = f"--set {value} would be a difference, below 0"
        raise click.UsageError(f"{what}: a range is written `{text}`")
    if _ALMOST.fullmatch(value):
        raise click.UsageError(f"--set takes no range `{value}`: write it like {_RANGES}")
    parts = tokens(Span(SourceFile("--set", value), 0, len(value)))
    is_list = any(one.text == "," and not one.bracket for one in parts)
    return f"[{value}]" if is_list else ""
