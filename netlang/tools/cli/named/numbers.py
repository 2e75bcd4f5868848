"""A command line names numbers, each in a range of its own, or several seeds."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import click

_SEEDS = re.compile(r"(\d{1,19})(?:\s*\.\.\s*(\d{1,19}))?", re.ASCII)
_MOST = 10_000


class Number(click.FloatRange):
    """A finite number in a range. Python reads NaN, too, which is neither below nor above any."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is no finite number.", param, ctx)
        return number


def _seeds(context: click.Context, option: click.Parameter, value: str | None) -> tuple[int, ...]:
    """The seeds that ``value`` names, each once.  Raises click.BadParameter."""
    seeds: list[int] = []
    for part in map(str.strip, value.split(",")) if value is not None else ():
        found = _SEEDS.fullmatch(part)
        if not found:
            help = "write a range, 0..9, or some of them, 0,1,5"
            raise click.BadParameter(f"{part!r} is neither a seed nor a range of seeds: {help}.")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise click.BadParameter(f"{part} begins above its end: write {last}..{first}.")
        if last - first >= _MOST:
            raise click.BadParameter(f"{part} has more than {_MOST:,} seeds.")
        seeds += range(first, last + 1)
    if twice := [one for one, count in Counter(seeds).items() if count > 1]:
        raise click.BadParameter(f"{twice[0]} is there twice, and gives the same numbers twice.")
    return tuple(seeds)


seeds_option = click.option(
    "--seeds",
    metavar="SEEDS",
    callback=_seeds,
    help="Train once for each seed, such as 0..9, which has both its ends, or 0,1,5.",
)
