"""The settings: names a file may define that mean something to netlang."""

from __future__ import annotations

from netlang.arguments import KINDS, Argument
from netlang.record import Record


class Setting(Record):
    """A reserved name. ``takes`` is a kind of catalogue item, "network", or a list of items;
    a plain value is declared by ``argument``.
    """

    name: str
    takes: str
    doc: str
    argument: Argument | None = None
    to_run: bool = False  # `netlang run` cannot do without it


def _number(name: str, default: int, at_least: int, doc: str) -> Setting:
    return Setting(name, "value", doc, Argument(name, KINDS["int"], default, at_least, doc=doc))


_SHAPE = Argument("input", KINDS["tuple[Size, ...]"], None)

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("net", "network", "the network"),
        Setting("data", "data set", "the samples to learn from", to_run=True),
        Setting("loss", "loss", "what training makes small", to_run=True),
        Setting("optimizer", "optimizer", "how weights are changed", to_run=True),
        Setting("metrics", "metrics", "what to measure, such as [accuracy]"),
        Setting("input", "value", "one sample's shape, where there is no data", _SHAPE),
        _number("epochs", 10, 1, "how often training sees each sample"),
        _number("batch", 32, 1, "samples in a training step"),
        _number("seed", 0, 0, "where all random draws come from"),
    )
}
