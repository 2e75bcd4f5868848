"""Signs that netlang does not have, and what it has in their place: tables that the rules read."""

from __future__ import annotations

import unicodedata

from netlang.language.syntax.lexis import QUOTES

COMMENT = "a comment starts with `#`"

# What a message tells to write for a character.
_LOOKALIKES = dict(zip("×÷−–—，（）＝", "*/---,()=", strict=True)) | {"｜": "->"}
_LOOKALIKES |= dict.fromkeys(QUOTES, '"')
_CHARACTERS = {":": "=", "{": "(", "}": ")", "^": "**"}
_CHARACTERS |= {character: f"**{power}" for power, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}

# What joins layers elsewhere.
ARROWS = frozenset({"→", "➔", "⟶", "=>", "|>", "|", ">>", ">", "-->"})

# A sign's meaning, where the grammar accepts that terminal.
MEANT = {":=": ("EQUAL", "="), "=>": ("COMPARISON", ">="), "=<": ("COMPARISON", "<=")}

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
    """What looks like it in ASCII, or is the same digit there."""
    if not character.isascii() and character.isdecimal():
        return str(unicodedata.decimal(character))
    return _LOOKALIKES.get(character)


def meant(character: str) -> str | None:
    """What netlang writes for it, if it looks like that or means that in another language."""
    return lookalike(character) or _CHARACTERS.get(character)


def help_for_sign(before: str, sign: str) -> str | None:
    """What to write instead of ``sign`` behind the token ``before``."""
    return _HELPS.get(sign) or _HELPS_BEHIND.get((before, sign))
