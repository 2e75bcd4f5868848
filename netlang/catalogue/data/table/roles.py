"""Roles say what the columns of a table are for, beside those that are inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.language.diagnostics.wording import plural
from netlang.system.record import Record


class Clash(Record):
    """Why an ``argument`` cannot name a column that has another role."""

    argument: str
    problem: str
    label: str
    help: str


class Roles(Record):
    """``targets`` are to predict, and for nothing else. The others are named by the argument that
    asks for them, and may be one column: "" is none. ``categories`` are names even if they are
    numbers; those that count or put rows in order are numbers all the same. ``texts`` are inputs,
    and ``codes`` are categories that are inputs.
    """

    targets: tuple[str, ...]
    group: str = ""
    order: str = ""
    weights: str = ""
    categories: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def of_rows(self) -> dict[str, str]:
        """The columns that divide or weigh rows, by their arguments."""
        found = {"group": self.group, "order": self.order, "weights": self.weights}
        return {argument: name for argument, name in found.items() if name}

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """All columns that are neither inputs nor the first target, each with its argument."""
        return (*(("target", name) for name in self.targets[1:]), *self.of_rows.items())

    @property
    def named(self) -> tuple[str, ...]:
        """The categories that are read as names."""
        return tuple(name for name in self.categories if name not in (self.order, self.weights))

    def clash(self) -> Clash | None:
        """What two roles of one column contradict each other, if any do."""
        for place, name in enumerate(self.targets):
            if name in self.targets[:place]:
                what = f"`target` names `{name}` twice"
                return Clash("target", what, "once is enough", "name each column to predict once")
        for argument, name in self.of_rows.items():
            if name in self.targets:
                what = f"`{argument}` names `{name}`, which is to predict"
                help = f"name another column, or leave out `{argument}`"
                return Clash(argument, what, "is not known of new rows", help)
        others = {
            "is to predict": self.targets,
            "divides or weighs rows": (*self.of_rows.values(),),
        }
        of_texts = {**others, "is one of `categories`": self.categories}
        return self._clash("text", "text", self.texts, of_texts) or self._clash(
            "codes", "category", self.codes, {**others, "is one of `text`": self.texts}
        )

    def _clash(
        self, argument: str, what: str, inputs: tuple[str, ...], others: Mapping[str, Sequence[str]]
    ) -> Clash | None:
        """What an ``argument`` names as ``inputs`` that is among the ``others``."""
        for name in inputs:
            for other, names in others.items():
                if name in names:
                    help = f"name a column of {plural(what)}, or leave it out there"
                    why = f"a {what} is an input, and nothing else"
                    return Clash(argument, f"`{argument}` names `{name}`, which {other}", why, help)
        return None
