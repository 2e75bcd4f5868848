"""Lists, plurals and long names, in the one form that all messages give them."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 6  # things of one kind that a message shows
_LENGTH = 40  # characters of a name that a message shows
_CIRCLE = 8  # names of a circle that a message shows


def in_code(texts: Iterable[str]) -> list[str]:
    """Each of ``texts`` in the quotes that messages put around source."""
    return [f"`{text}`" for text in texts]


def listed(
    texts: Iterable[str], most: int | None = None, between: str = ", ", last_by: str = "and"
) -> str:
    """``a, b and c``; of more than ``most``, the first and how many more there are.

    >>> listed("abc"), listed("abcde", most=2)
    ('a, b and c', 'a, b and 3 more')
    """
    every = [*texts]
    shown = every[:most]
    if more := len(every) - len(shown):
        shown.append(f"{more:,} more")
    *others, last = shown
    return f"{between.join(others)} {last_by} {last}" if others else last


def either(texts: Iterable[str]) -> str:
    """One of ``texts``, which are source.

    >>> either(["SGD", "Adam"]), either("abc")
    ('`SGD` or `Adam`', '`a`, `b` or `c`')
    """
    return listed(in_code(texts), last_by="or")


def with_article(noun: str) -> str:
    """``a loss``, ``an optimizer``."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def plural(noun: str) -> str:
    """``losses``, ``penalties``, ``metrics``."""
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def type_of(value: object) -> str:
    """The name of the type of a value of Python, such as ``an int``."""
    return with_article(type(value).__name__)


def no_tensor(value: object) -> str:
    """The name of the type of a value that is no tensor, and what makes one of an array."""
    kind = type_of(value)
    return f"{kind}: `torch.from_numpy` makes one of it" if kind.endswith(" ndarray") else kind


def counted(count: int, noun: str, plural: str = "") -> str:
    """The number and the noun; its plural has an ``s``, unless ``plural`` is another.

    Messages write all counts so, with commas; the numbers of lines, rows and epochs have none.

    >>> counted(1, "class", "classes"), counted(2000, "row")
    ('1 class', '2,000 rows')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def circle(names: Iterable[str]) -> str:
    """The ``names`` of a circle, joined by arrows: it ends with the first of them.

    >>> circle("abc"), circle("abcdefghij")
    ('a -> b -> c -> a', 'a -> b -> c -> d -> e -> f -> g -> h -> ... -> a')
    """
    first, *others = names
    more = ["..."] if others[_CIRCLE - 1 :] else []
    return " -> ".join([first, *others[: _CIRCLE - 1], *more, first])


def shortened(name: str) -> str:
    """A name of the user's, short enough for a message."""
    return name if len(name) <= _LENGTH else f"{name[: _LENGTH - 3]}..."
