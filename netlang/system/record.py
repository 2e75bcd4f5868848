"""Records: immutable classes whose fields are their annotations.

A record is like a class of ``@dataclass(frozen=True, eq=False)``, which writes and compiles code
for each class. For some hundred classes this would take 20 ms, where a file is checked in 150 ms.

A class is a Record if its objects are never compared, and a Value if they are compared by their
fields. Where they are so many that they need slots, it is a frozen dataclass.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Never, Self, dataclass_transform


@dataclass_transform(eq_default=False, frozen_default=True)
class Record:
    """A record takes its fields by position or by name; a field's default is the class's attribute.

    Records are compared by identity. ``fields`` are the names of a class's fields, in order.

    >>> class Point(Record):
    ...     x: int
    ...     y: int = 0
    >>> Point(3)
    Point(x=3, y=0)
    """

    fields: ClassVar[tuple[str, ...]] = ()
    _required: ClassVar[int] = 0  # with so many values by position, every field has one
    _bare: ClassVar[frozenset[str]] = frozenset()  # the fields without a default

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = inspect.get_annotations(cls).items()
        names = [name for name, kind in own if not _is_of_class(kind)]
        new = tuple(name for name in names if name not in cls.fields)
        for name in new:
            if name not in vars(cls) and hasattr(cls, name):
                what = "would take a part of its base for its default"
                raise TypeError(f"the field {name} of {cls.__name__} {what}")
        cls.fields += new
        bare = [index for index, name in enumerate(cls.fields, 1) if not hasattr(cls, name)]
        cls._required = max(bare, default=0)
        cls._bare = frozenset(cls.fields[index - 1] for index in bare)

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        # A large file makes half a million records, and nothing fills one faster than this loop.
        for name, value in zip(self.fields, values):  # noqa: B905
            state[name] = value
        if named or not self._required <= len(values) <= len(self.fields):
            state.update(named)
            self._check(len(values), named)

    def _check(self, count: int, named: Mapping[str, Any]) -> None:
        """Raise TypeError unless ``count`` values and those ``named`` give each field once."""
        fields = self.fields
        once = count <= len(fields) and named.keys().isdisjoint(fields[:count])
        if once and named.keys() <= {*fields} and self.__dict__.keys() >= self._bare:
            return
        faults = {
            "missing": [name for name in fields if not hasattr(self, name)],
            "unknown": [name for name in named if name not in fields],
            "twice": [name for name in named if name in fields[:count]],
            "values without a name": [str(count)] if count > len(fields) else [],
        }
        texts = [f"; {fault}: {', '.join(names)}" for fault, names in faults.items() if names]
        if texts:
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}{''.join(texts)}")

    def as_dict(self) -> dict[str, Any]:
        """The values of all fields, also of those that are left at their default."""
        return {name: getattr(self, name) for name in self.fields}

    def replace(self, **changes: Any) -> Self:
        """The same record with other values of some fields."""
        return type(self)(**self.as_dict() | changes)

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __repr__(self) -> str:
        pairs = (f"{name}={value!r}" for name, value in self.as_dict().items())
        return f"{type(self).__name__}({', '.join(pairs)})"


@dataclass_transform(eq_default=True, frozen_default=True)
class Value(Record):
    """A record that equals another of its class with the same fields."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((type(self), *self.as_dict().values()))


def _is_of_class(annotation: object) -> bool:
    """Whether it says ``ClassVar``, as text or not."""
    outermost = str(annotation).strip("\"' ").partition("[")[0]
    return outermost.rpartition(".")[2].strip() == "ClassVar"
