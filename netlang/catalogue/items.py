"""An item is an entry of the catalogue: a class whose annotated fields are its arguments.

class Dropout(Layer):
    p: float = arg(default=0.5, at_least=0.0, below=1.0, doc="...")
"""

from __future__ import annotations

import functools
import inspect
from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

from netlang.catalogue.arguments import Argument, PlainValue, as_source, declared_arguments
from netlang.catalogue.contradiction import Contradiction
from netlang.language.diagnostics.suggest import Guess, by_part, guess, is_one_of


class Item(ABC):
    """A layer, a loss, an optimizer, a data set or a metric.

    Files call a subclass by its ``name``, which is the class's own unless it declares another. For
    suggestions, ``known_as`` lists what others call it, and ``like`` what they call something
    similar. Where one of these names means other values than the defaults here, ``elsewhere`` says
    which, as a file writes them: ``{"ReZero": {"init": "0"}}``; where it takes arguments without
    names in another order, ``order_elsewhere`` says in which, with "" for one that is left out. A
    subclass with ``abstract=True`` is a kind of item, and no item itself. One that has a plain
    value for an argument of its base, ``unit = "epochs"``, does not take that argument.

    An item that Python makes checks its arguments, and later its inputs, by the ``guards`` of its
    kind. One that the compiler makes is ``declared`` with checked arguments, and checks nothing.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    known_as: ClassVar[tuple[str, ...]]
    like: ClassVar[tuple[str, ...]]
    elsewhere: ClassVar[Mapping[str, Mapping[str, str]]]
    order_elsewhere: ClassVar[Mapping[str, Sequence[str]]]
    abstract: ClassVar[bool] = True
    arguments: ClassVar[tuple[Argument, ...]] = ()
    argument_order: ClassVar[Sequence[str]] = ()  # of their names, unless as they are declared
    leading: ClassVar[Sequence[str]] = ()  # what its constructor takes before the arguments
    called: ClassVar[str] = ""  # what is passed to a call of an instance, if it can be called
    about: ClassVar[str] = ""  # its docstring as it was written
    usual_most: ClassVar[Mapping[str, float]] = {}  # of arguments, which lints tell of beyond
    guards: ClassVar[Sequence[tuple[str, Callable[..., Any]]]] = ()  # each checks and runs a method
    checks: bool = False  # whether its guards check

    def __init_subclass__(
        cls,
        name: str = "",
        known_as: tuple[str, ...] = (),
        like: tuple[str, ...] = (),
        elsewhere: Mapping[str, Mapping[str, str]] | None = None,
        order_elsewhere: Mapping[str, Sequence[str]] | None = None,
        abstract: bool = False,
    ) -> None:
        super().__init_subclass__()
        declared = [*declared_arguments(cls)]
        fixed = {*vars(cls)}.difference(one.attribute for one in declared)
        arguments = {one.name: one for one in cls.arguments if one.attribute not in fixed}
        for argument in declared:
            if argument.name not in arguments:
                _check_name(cls, argument.attribute)
            arguments[argument.name] = argument
        order = dict.fromkeys(cls.argument_order or arguments)
        cls.arguments = tuple(arguments[name] for name in order | dict.fromkeys(arguments))
        cls.name, cls.abstract = name or cls.__name__, abstract
        cls.known_as, cls.like, cls.elsewhere = known_as, like, elsewhere or {}
        cls.order_elsewhere = order_elsewhere or {}
        for method, guard in cls.guards:
            if method in vars(cls):
                setattr(cls, method, _guarded(vars(cls)[method], guard))
        cls.about = inspect.cleandoc(cls.__doc__ or "")
        cls.__doc__ = _documentation(cls)
        setattr(cls, "__signature__", _Constructor())  # noqa: B010 - mypy knows no such attribute

    def __init__(self, *positional: Any, **named: Any) -> None:
        self._set(self._checked_values(positional, named))
        if wrong := self.contradiction():
            raise ValueError(f"{self.name} {wrong.problem}: {wrong.help}".replace("`", ""))
        self.checks = True

    @classmethod
    def declared(cls, values: Mapping[str, PlainValue]) -> Self:
        """An instance that holds checked argument ``values`` and no tensor yet."""
        item = cls.__new__(cls)
        item._set(values)
        return item

    def _set(self, values: Mapping[str, PlainValue]) -> None:
        for argument in self.arguments:
            value = values.get(argument.name, argument.default)
            value = None if value is None else argument.type.convert(value)
            setattr(self, argument.attribute, value)
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 - most have nothing to set up
        """Set up what it keeps between calls, except tensors."""

    def contradiction(self) -> Contradiction | None:
        """What is wrong with its arguments, each of which may be right, if anything is."""
        return None

    @classmethod
    def _checked_values(cls, positional: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        names = [argument.name for argument in cls.arguments]
        if len(positional) > len(names):
            count = f"{len(names)} argument{'s' * (len(names) != 1)}"
            help = cls.called and f"; to call one, write `{cls.__name__}(){cls.called}`"
            raise TypeError(f"{cls.signature()} takes {count} at most{help}")
        values = dict(zip(names, positional, strict=False))
        for name in named:
            if name not in names:
                meant = cls.meant_argument(name)
                help = f"; did you mean {meant.text!r}?" if meant else ""
                raise TypeError(f"{cls.signature()} has no argument {name!r}{help}")
            if name in values:
                raise TypeError(f"{cls.signature()} got {name!r} twice")
        values |= named
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        for argument in cls.arguments:
            if argument.name in values:
                argument.check(values[argument.name], cls.signature())
            elif argument.required:
                raise TypeError(f"{cls.signature()} needs {argument.name!r}")
        return values

    @classmethod
    def meant_argument(cls, wrong: str) -> Guess | None:
        """The argument that ``wrong`` seems to mean: it is another system's word for it, a part of
        its name, or a misspelling of it.
        """
        names = [argument.name for argument in cls.arguments]
        for argument in cls.arguments:
            sure = argument.is_called(wrong)
            if sure or is_one_of(wrong, argument.like):
                return Guess(argument.name, sure)
        if part := by_part(wrong, names):
            return Guess(part, wrong in part.split("_"))
        return guess(wrong, names)

    @classmethod
    def signature(cls) -> str:
        """How it is written: ``Dropout(p=0.5)``."""
        return f"{cls.name}({', '.join(map(str, cls.arguments))})"

    @classmethod
    def required_arguments(cls) -> list[Argument]:
        """The arguments that have no default."""
        return [argument for argument in cls.arguments if argument.required]

    @property
    def values(self) -> dict[str, PlainValue]:
        """The arguments' values, defaults included."""
        return {argument.name: getattr(self, argument.attribute) for argument in self.arguments}

    def __repr__(self) -> str:
        values = (f"{name}={as_source(value)}" for name, value in self.values.items())
        return f"{self.name}({', '.join(values)})"


def _check_name(cls: type[Item], name: str) -> None:
    """Raises TypeError for a ``name`` that every item of the kind has for something else."""
    for base in cls.__mro__[1:]:
        if name in _names_of(base) and getattr(base, "abstract", True):
            taken = f"the name is taken, as every {base.__name__} has a `{name}`"
            raise TypeError(f"{cls.__name__}.{name}: {taken}")


@functools.cache
def _names_of(base: type) -> frozenset[str]:
    return frozenset((*vars(base), *inspect.get_annotations(base)))


def _guarded(method: Callable[..., Any], guard: Callable[..., Any]) -> Callable[..., Any]:
    """``method`` behind ``guard``, which is left out if another method of the item calls it."""

    @functools.wraps(method)
    def call(self: Item, *inputs: Any) -> Any:
        if not self.checks:
            return method(self, *inputs)
        self.checks = False
        try:
            return guard(self, method, *inputs)
        finally:
            self.checks = True

    return call


def _documentation(cls: type[Item]) -> str | None:
    """Its own docstring, and a list of its arguments."""
    takes = [
        f"    {one.name}: {one.expects}"
        + ("" if one.required else f"; by default {one.default!r}")
        + (f"\n        {one.doc}" if one.doc else "")
        for one in cls.arguments
    ]
    parts = [cls.about, "\n".join(["Arguments:", *takes]) if takes else ""]
    return "\n\n".join(filter(None, parts)) or None


class _Constructor:
    """Gives an item's signature in Python's form, for ``inspect.signature`` and ``help``."""

    def __get__(self, instance: object, cls: type[Item]) -> inspect.Signature:
        maker = next(base for base in cls.__mro__ if "__init__" in vars(base))
        if instance is not None or cls.abstract or not getattr(maker, "abstract", False):
            raise AttributeError("__signature__")  # Python finds that of __init__ or __call__
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, kind) for name in cls.leading]
        for one, before in zip(cls.arguments, [None, *cls.arguments], strict=False):
            if before and one.required and not before.required:  # Python refuses this order
                kind = inspect.Parameter.KEYWORD_ONLY
            default = inspect.Parameter.empty if one.required else one.default
            takes = one.type.python if default is not None else one.type.python | None
            parameters.append(inspect.Parameter(one.name, kind, default=default, annotation=takes))
        return inspect.Signature(parameters)
