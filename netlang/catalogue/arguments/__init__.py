"""The arguments of items: how classes declare them, their types, and the values that they take."""

from netlang.catalogue.arguments.argument import Argument
from netlang.catalogue.arguments.declaration import arg, declared_arguments
from netlang.catalogue.arguments.plain_values import (
    LARGEST,
    SMALLEST,
    PlainValue,
    as_source,
    fits_float32,
)
from netlang.catalogue.arguments.value_types import VALUE_TYPES, Size

__all__ = [
    "LARGEST",
    "SMALLEST",
    "VALUE_TYPES",
    "Argument",
    "PlainValue",
    "Size",
    "arg",
    "as_source",
    "declared_arguments",
    "fits_float32",
]
