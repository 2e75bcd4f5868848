"""Records: immutable classes whose fields are their annotations.

They are what ``@dataclass(frozen=True, eq=False)`` makes, without the code that it writes and
compiles for each class: that takes half a millisecond for each of a hundred classes, where checking
a file takes a sixth of a second in all.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Never, dataclass_transform


@dataclass_transform(eq_default=False, frozen_default=True)
class Record:
    """A record takes its fields by position or by name; a field's default is the class's attribute.

    Records are compared by identity.

    >>> class Point(Record):
    ...     x: int
    ...     y: int = 0
    >>> Point(3)
    Point(x=3, y=0)
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _required: ClassVar[int] = 0  # so many values by position leave no field without one

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = inspect.get_annotations(cls).items()
        names = [name for name, kind in own if not _is_of_class(kind)]
        cls._fields = (*cls._fields, *(name for name in names if name not in cls._fields))
        bare = [index for index, name in enumerate(cls._fields, 1) if not hasattr(cls, name)]
        cls._required = max(bare, default=0)

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        # A large file makes half a million records, and this loop is the quickest way to fill one.
        for name, value in zip(self._fields, values):  # noqa: B905
            state[name] = value
        if named or not self._required <= len(values) <= len(self._fields):
            state.update(named)
            self._check(len(values) + len(named))

    def _check(self, count: int) -> None:
        """Raise TypeError unless only fields with a default are left out."""
        unknown = [name for name in self.__dict__ if name not in self._fields]
        missing = [name for name in self._fields if not hasattr(self, name)]
        if unknown or missing or count != len(self.__dict__):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __repr__(self) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({', '.join(fields)})"


def _is_of_class(annotation: object) -> bool:
    """Whether it says ``ClassVar``, as text or not."""
    outermost = str(annotation).strip("\"' ").partition("[")[0]
    return outermost.rpartition(".")[2].strip() == "ClassVar"
