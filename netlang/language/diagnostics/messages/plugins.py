"""E0520 to E0525, W0680 and W0681: Python files with layers of one's own."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Label, Message
from netlang.language.diagnostics.messages.files import AboutAFile
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import in_code, listed


class PluginFails(AboutAFile):
    """Python cannot run the plugin: its own code raises ``error``, at the span if it is known.

    ``while_used`` says what netlang then did with it, in words that follow "while ".
    """

    code = "E0520"
    error: str
    while_used: str = "it is imported"

    def message(self) -> Message:
        return Message(
            title=f"the plugin `{self.path}` fails while {self.while_used}",
            label=self.error,
            notes=None if self.span else self.error,
            helps="mend the plugin: the error is in its own code",
        )


class PluginEmpty(AboutAFile):
    """The plugin has nothing that a .net file could name."""

    code = "E0521"

    def message(self) -> Message:
        return Message(
            title=f"the plugin `{self.path}` has no layer, loss or other item",
            helps=(
                "write a class in it, such as `class Swish(Layer): ...`, below `from netlang "
                "import Layer, arg`",
                "CONTRIBUTING.md shows one with its test",
            ),
        )


class PluginNameTaken(AboutAFile):
    """The plugin's class would be called ``name``, as a ``kind`` of ``owner`` is."""

    code = "E0522"
    name: str
    kind: str
    owner: str

    def message(self) -> Message:
        other = f'class {self.name}({self.kind.title()}, name="My{self.name}")'
        return Message(
            title=f"`{self.name}` is a {self.kind} of {self.owner} already",
            label="a file could not tell the two apart",
            helps=f"give the class another name, or say what files call it: `{other}`",
        )


class OwnLayerFails(Diagnostic):
    """A layer of one's own, at the span, does not keep to what layers are.

    ``what`` goes on from the layer's name; ``inside`` is where its code is wrong, if it is known.
    """

    code = "E0523"
    name: str
    what: str
    help: str
    inside: Label | None = None

    def message(self) -> Message:
        return Message(
            title=f"the layer `{self.name}` {self.what}",
            label="it was tried on random numbers",
            labels=self.inside,
            helps=self.help,
        )


class OwnItemUnfit(Diagnostic):
    """A class of one's own, at the span if a plugin has it, is none that a file could make.

    ``what`` goes on from its name.
    """

    code = "E0525"
    name: str
    what: str
    help: str

    def message(self) -> Message:
        return Message(
            title=f"the class `{self.name}` {self.what}",
            label="a file makes it by its arguments",
            helps=self.help,
        )


class OwnGradientDoubtful(Diagnostic):
    """The layer's ``backward`` gives ``found`` where central differences give ``expected``."""

    code = "W0681"
    name: str
    what: str
    inside: Label | None = None

    def message(self) -> Message:
        return Message(
            title=f"`backward` of the layer `{self.name}` may be wrong",
            label=self.what,
            labels=self.inside,
            helps=(
                "`netlang gradcheck` looks at all of its numbers",
                "leave it where another gradient is meant, as that of a straight-through estimator",
            ),
        )


class PluginMissing(AboutAFile):
    """The model or run ``path`` was trained with plugins, which were not named now."""

    code = "E0524"
    plugins: tuple[str, ...]

    def message(self) -> Message:
        options = " ".join(f"--plugin {shell_word(one)}" for one in self.plugins)
        in_python = listed(f'`netlang.use_plugin("{one}")`' for one in self.plugins)
        several = "plugins" if len(self.plugins) > 1 else "the plugin"
        return Message(
            title=f"`{self.path}` was trained with {several} {listed(in_code(self.plugins))}",
            notes="a plugin is code, so netlang runs none that nobody has named",
            helps=f"name what you trust: `{options}`, or in Python {in_python}",
        )


class PluginChanged(AboutAFile):
    """The plugin is not as it was when the model or run ``trained`` was trained with it."""

    code = "W0680"
    trained: str

    def message(self) -> Message:
        return Message(
            title=f"the plugin `{self.path}` has changed since `{self.trained}` was trained",
            notes=f"the text as it was then is kept beside the model, in `{self.trained}`",
            helps="what it computes may be something else by now",
        )
