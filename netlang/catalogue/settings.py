"""The settings: names a file may define that mean something to netlang."""

from __future__ import annotations

from collections.abc import Collection

from netlang.catalogue.arguments import KINDS, Argument
from netlang.language.diagnostics.suggest import clear, nearest, one_letter_apart, plain
from netlang.system.record import Record


class Setting(Record):
    """A reserved name. ``takes`` is a kind of catalogue item, "network", or a list of items;
    a plain value is declared by ``argument``.
    """

    name: str
    takes: str
    doc: str
    argument: Argument | None = None
    to_run: bool = False  # `netlang run` cannot do without it
    in_graph: bool = False  # the graph holds it
    known_as: tuple[str, ...] = ()  # what others call it, for suggestions


def whole_number(
    name: str, default: int, at_least: int, doc: str, known_as: tuple[str, ...] = ()
) -> Setting:
    """A plain setting that is a whole number."""
    argument = Argument(name, KINDS["int"], default, at_least, doc=doc)
    return Setting(name, "value", doc, argument, known_as=known_as)


_SHAPE = Argument("input", KINDS["tuple[Size, ...]"], None)

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "net", "network", "the network", in_graph=True, known_as=("model", "network", "module")
        ),
        Setting(
            "data",
            "data set",
            "the samples to learn from",
            to_run=True,
            known_as=("dataset", "train", "train_data"),
        ),
        Setting(
            "loss",
            "loss",
            "what training makes small",
            to_run=True,
            known_as=("criterion", "loss_fn", "objective"),
        ),
        Setting(
            "optimizer",
            "optimizer",
            "how weights are changed",
            to_run=True,
            known_as=("optim", "opt", "optimiser"),
        ),
        Setting("metrics", "metrics", "what to measure, such as [accuracy]"),
        Setting(
            "input", "value", "one sample's shape, where there is no data", _SHAPE, in_graph=True
        ),
        whole_number(
            "epochs",
            10,
            1,
            "how often training sees each sample",
            ("num_epochs", "n_epochs", "max_epochs"),
        ),
        whole_number(
            "batch", 32, 1, "samples in a training step", ("batch_size", "minibatch", "bs")
        ),
        whole_number(
            "seed",
            0,
            0,
            "where all random draws come from",
            ("random_seed", "random_state", "manual_seed"),
        ),
    )
}


def plain_settings() -> list[str]:
    """The names of the settings that are plain values beside the graph, such as ``epochs``."""
    return [name for name, one in SETTINGS.items() if one.argument and not one.in_graph]


def meant_setting(wrong: str, free: Collection[str]) -> str | None:
    """The one of the settings ``free`` that ``wrong`` was meant to be."""
    for name in free:
        if plain(wrong) in map(plain, (name, *SETTINGS[name].known_as)):
            return name
    return nearest(wrong, free)


def certainly(wrong: str, name: str) -> bool:
    """Whether the setting ``name`` alone can be meant by ``wrong``, a name that nothing uses and
    whose value is one that the setting takes.
    """
    setting = SETTINGS[name]
    if plain(wrong) in map(plain, (name, *setting.known_as)):
        return True
    if setting.takes == "value":  # numbers have many names
        return clear(wrong, SETTINGS) == name
    return [one for one in SETTINGS if one_letter_apart(wrong, one)] == [name]
