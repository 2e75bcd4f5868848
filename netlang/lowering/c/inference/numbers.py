"""Numbers, names and comments as C has them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from netlang.system.lazy import np

if TYPE_CHECKING:
    from torch import Tensor

_WIDTH = 100


def of_float(value: float) -> str:
    """A number of 32 bits, by the fewest digits that give it back."""
    return _special(value) or f"{_decimal(str(np.float32(value)))}f"


def of_double(value: float) -> str:
    """A double, likewise."""
    return _special(value) or _decimal(repr(float(value)))


def identifier(text: str) -> str:
    """``text`` as a part of a name in C."""
    return re.sub(r"\W", "_", text, flags=re.ASCII)


def array(kind: str, name: str, items: Sequence[str], size: str = "") -> str:
    """The definition of an array."""
    lines = wrap(", ".join(items), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    body = "".join(f"    {line}\n" for line in lines)
    return f"{kind} {name}[{size or len(items)}] = {{\n{body}}};\n"


def weights(name: str, tensor: Tensor) -> str:
    """The definition of a tensor's numbers, all in one row; eight stand in a line."""
    numbers = [*map(_of_weight, tensor.detach().float().flatten().tolist())]
    lines = (", ".join(numbers[first : first + 8]) for first in range(0, len(numbers), 8))
    body = "".join(f"    {line},\n" for line in lines)
    return f"static const float {name}[{len(numbers)}] = {{\n{body}}};\n"


def texts(name: str, items: Iterable[str]) -> str:
    """The definition of an array of texts."""
    lines = "".join(f"    {quoted(item)},\n" for item in items)
    return f"const char *const {name}[] = {{\n{lines}}};\n"


def quoted(text: str) -> str:
    """A text in UTF-8 as a literal. What is no plain sign stands there by its octal number."""
    found = "".join(_sign(byte) for byte in text.encode("utf-8", "surrogatepass"))
    return f'"{found}"'


def comment(text: str) -> str:
    """``text`` as lines in a comment, which it does not end."""
    return re.sub(r"\*(?=/)|/(?=\*)", lambda sign: f"{sign[0]} ", text)


def _of_weight(value: float) -> str:
    """The same by nine digits, which are enough for any: it takes less time for millions."""
    text = f"{value:.9g}f"
    return text if "." in text or "e" in text else of_float(value)


def _sign(byte: int) -> str:
    sign = chr(byte)
    if sign in '"\\?':  # two question marks may begin a trigraph
        return f"\\{sign}"
    return sign if 32 <= byte < 127 else f"\\{byte:03o}"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NAN"
    return ("-INFINITY" if value < 0 else "INFINITY") if math.isinf(value) else ""


def _decimal(text: str) -> str:
    """A number's text, which C does not take for a whole one."""
    return text if "." in text or "e" in text else f"{text}.0"
