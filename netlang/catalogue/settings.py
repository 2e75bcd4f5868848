"""The settings are names that mean something to netlang if a file defines them."""

from __future__ import annotations

from collections.abc import Collection

from netlang.catalogue.arguments import VALUE_TYPES, Argument
from netlang.language.diagnostics.suggest import is_one_of, nearest, one_letter_apart, unmistakable
from netlang.language.diagnostics.wording import plural
from netlang.system.record import Record


class Setting(Record):
    """A reserved name.

    Its value is plain, as ``argument`` declares it; or it is a call of an ``item`` of that kind, or
    with ``many`` a list of such calls, or with ``in_turn`` an arrow of them, ``A -> B``. One that
    ``names_parts`` takes the names of networks and blocks, alone or in a list. The value of ``net``
    is a network.
    """

    name: str
    doc: str
    known_as: tuple[str, ...] = ()  # what others call it, for suggestions
    argument: Argument | None = None
    item: str = ""
    many: bool = False
    in_turn: bool = False
    by_output: bool = False  # a list of such calls has one for each of the network's outputs
    by_part: bool = False  # a list of such calls has one for each of some parts of the network
    to_run: str = ""  # an example of it, if `netlang run` cannot do without it
    in_graph: bool = False  # the graph holds it
    names_parts: bool = False

    def is_called(self, name: str) -> bool:
        """Whether ``name`` is what netlang or others call it."""
        return is_one_of(name, (self.name, *self.known_as))

    @property
    def may_be_none(self) -> bool:
        """Whether `none` stands for no item, so that the command line may take one away. Where no
        metrics are said, those are measured that go with the data.
        """
        return bool(self.item) and self.item != "metric" and not self.to_run

    @property
    def has_several(self) -> bool:
        """Whether its value is a tuple of items."""
        return self.many or self.in_turn

    @property
    def expects(self) -> str:
        """What its value is, in a word: ``loss``, ``metrics``, ``value``."""
        if self.argument:
            return "value"
        if self.names_parts:
            return "names"
        return plural(self.item) if self.has_several else self.item or "network"


def whole_number(
    name: str, default: int | None, at_least: int, doc: str, *known_as: str
) -> Setting:
    """A plain setting that is a whole number."""
    argument = Argument(name, VALUE_TYPES["int"], default, at_least, doc=doc)
    return Setting(name, doc, known_as, argument)


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("net", "the network", ("model", "network", "module"), in_graph=True),
        Setting(
            "data",
            "the samples to learn from",
            ("dataset", "train", "train_data"),
            item="data set",
            to_run="data = Disc(train=1000, test=1000)",
        ),
        Setting(
            "loss",
            "what training makes small",
            ("criterion", "loss_fn", "objective"),
            item="loss",
            by_output=True,
            to_run="loss = MSE",
        ),
        Setting(
            "optimizer",
            "how weights are changed: Adam(1e-3), or [Adam(1e-3), SGD(0.1, on=head)]",
            ("optim", "opt", "optimiser"),
            item="optimizer",
            by_part=True,
            to_run="optimizer = Adam(lr=1e-3)",
        ),
        Setting(
            "schedule",
            "how the learning rate changes: Warmup(500) -> Cosine",
            ("scheduler", "lr_scheduler", "lr_schedule", "learning_rate_schedule", "lr_decay"),
            item="schedule",
            in_turn=True,
        ),
        Setting(
            "penalty",
            "what training makes small beside the loss, such as L2(1e-4)",
            ("penalties", "regularizer", "regularization", "kernel_regularizer"),
            item="penalty",
            many=True,
        ),
        Setting(
            "clip",
            "a bound of the gradients: Norm(1.0), or Value(0.5)",
            (
                "clipping",
                "grad_clip",
                "gradient_clip",
                "gradient_clipping",
                "clip_grad",
                "clipnorm",
                "clipvalue",
                "gradient_clip_val",
                "max_grad_norm",
            ),
            item="clipping",
        ),
        Setting(
            "average",
            "a running average of the weights, which is evaluated and kept: EMA(0.999)",
            ("ema", "weight_averaging", "model_ema", "use_ema", "swa"),
            item="average",
        ),
        Setting(
            "augment",
            "what changes training samples in each epoch anew: Flip -> Crop(2)",
            ("augmentation", "augmentations", "transform", "transforms", "data_augmentation"),
            item="augmentation",
            in_turn=True,
        ),
        Setting(
            "metrics",
            "what to measure, such as [accuracy]; each sample counts once",
            item="metric",
            many=True,
        ),
        Setting(
            "stop",
            "which epoch is the result, and whether training ends early: Early(validation.loss)",
            ("early_stop", "early_stopping", "stopping"),
            item="stopping rule",
        ),
        Setting(
            "start",
            "a model file, whose weights the network begins with",
            ("pretrained", "init_from", "load_from", "load_weights", "finetune"),
            argument=Argument("start", VALUE_TYPES["str"], None, doc="the path of a model file"),
        ),
        Setting(
            "freeze",
            "named parts of the network whose weights stay as they are, such as encoder",
            ("frozen", "frozen_layers", "freeze_layers"),
            names_parts=True,
        ),
        Setting(
            "input",
            "one sample's shape, where there is no data",
            argument=Argument("input", VALUE_TYPES["tuple[Size, ...]"], None),
            in_graph=True,
        ),
        whole_number(
            "epochs", 10, 1, "how often each sample is seen", "num_epochs", "n_epochs", "max_epochs"
        ),
        whole_number(
            "batch", 32, 1, "samples that are taken at once", "batch_size", "minibatch", "bs"
        ),
        whole_number(
            "accumulate",
            None,
            1,
            "how many batches are one training step, if more than one",
            "accumulation_steps",
            "gradient_accumulation_steps",
            "accumulate_grad_batches",
            "grad_accum",
        ),
        whole_number(
            "members",
            None,
            1,
            "how many networks share the weights, with factors of their own, and predict together",
            "ensemble",
            "n_ensemble",
            "ensemble_size",
            "n_members",
            "num_members",
        ),
        whole_number(
            "seed", 0, 0, "source of all random draws", "random_seed", "random_state", "manual_seed"
        ),
    )
}


def item_in_turn(kind: str) -> bool:
    """Whether a setting takes an arrow of such items."""
    return any(one.in_turn and one.item == kind for one in SETTINGS.values())


def plain_settings() -> list[str]:
    """The names of the settings that are plain values beside the graph, such as ``epochs``."""
    return [name for name, one in SETTINGS.items() if one.argument and not one.in_graph]


def suggest_setting(wrong: str, free: Collection[str]) -> str | None:
    """The setting among ``free`` that ``wrong`` was meant to be."""
    for name in free:
        if SETTINGS[name].is_called(wrong):
            return name
    return nearest(wrong, free)


def is_unmistakable(wrong: str, name: str) -> bool:
    """Whether ``wrong``, a name that nothing uses, can only mean the setting ``name``; its value is
    one that the setting takes.
    """
    setting = SETTINGS[name]
    if setting.is_called(wrong):
        return True
    if setting.argument:  # numbers have many names
        return unmistakable(wrong, SETTINGS) == name
    return [one for one in SETTINGS if one_letter_apart(wrong, one)] == [name]
