"""Tables of the signs that netlang does not have, and of what to write instead of them."""

from __future__ import annotations

import unicodedata

from netlang.language.syntax.lexis import QUOTES

COMMENT = "a comment starts with `#`"

# What to write instead of a character.
_LOOKALIKES = dict(zip("×÷−–—，（）＝", "*/---,()=", strict=True)) | {"｜": "->"}
_LOOKALIKES |= dict.fromkeys(QUOTES, '"')
_CHARACTERS = {":": "=", "{": "(", "}": ")", "^": "**"}
_CHARACTERS |= {character: f"**{power}" for power, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}

# What joins layers elsewhere.
ARROWS = frozenset({"→", "➔", "⟶", "=>", "|>", "|", ">>", ">", "-->"})

# Signs that mean a token of netlang: where the grammar accepts which terminal, and how to write it.
OTHER_SIGNS = {":=": ("EQUAL", "="), "=>": ("COMPARISON", ">="), "=<": ("COMPARISON", "<=")}

# What to write where no other rule knows the sign, or the sign behind a token or at the beginning.
_HELPS = {
    "//": COMMENT,
    "==": "only an `expect` compares values",
    "%": "write a share as a decimal, such as `0.5` for 50%",
}
_HELPS_BEHIND = {
    ("", "/"): COMMENT,
    ("-", ">"): "an arrow has no blank in it: write `->`",
    (")", "("): "layers are joined by `->`: write them in the order in which the data passes them",
}


def lookalike(character: str) -> str | None:
    """The character of ASCII that looks like this one, or is the same digit."""
    if not character.isascii() and character.isdecimal():
        return str(unicodedata.decimal(character))
    return _LOOKALIKES.get(character)


def instead_of(character: str) -> str | None:
    """What netlang writes for a character that looks like it, or means it in another language."""
    return lookalike(character) or _CHARACTERS.get(character)


def help_for_sign(before: str, sign: str) -> str | None:
    """What to write instead of ``sign`` behind the token ``before``."""
    return _HELPS.get(sign) or _HELPS_BEHIND.get((before, sign))
