"""Colours for classes and lines, which colour-blind readers tell apart."""

from __future__ import annotations

# Of Okabe and Ito.
BLUE, ORANGE, GREEN, VERMILLION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PURPLE, SKY_BLUE, YELLOW = "#cc79a7", "#56b4e9", "#f0e442"
# Each further one was the farthest from all before it, in OKLab, for the eyes that see the
# difference least: usual ones, and those without one kind of cone.
_FURTHER = """
    #5d1700 #00178b #00ffe8
    #0000ff #a22e2e #2e8bff #74d1a2 #5d4674 #2e2e46 #462eb9 #467474 #74ffa2 #8bd1ff
    #b94600 #e800d1 #5db974 #d117a2 #d1d15d #465dff #8b1717 #ff74d1 #d18b2e #46a2ff
    #00e8d1 #74e8a2 #465d46 #008b5d #74b9a2 #a2008b #174646 #7474d1 #462e74 #b95d46
    #5d002e #d1b95d #46175d #4617a2 #a200d1 #46a2b9 #74e8ff #74ff74 #ff005d #ffb900
    #74172e #b900a2 #ff008b #4674e8 #8b005d #460074 #8b465d #00465d #4646e8 #0000d1
    #b946b9 #5d8b8b #005d8b #a2b9ff #b91700 #d1b98b #b9b9d1 #d1a28b #e88b5d #0000b9
    #7446b9 #d15da2 #a2a2d1 #a28be8 #a20074 #e8d18b #748b00 #a274e8 #d174d1 #8b5d46
    #d1a2b9 #46e874 #5d748b #0000e8 #00e800 #e8b9b9 #005d2e #e8d1b9 #d1b9e8 #ff5db9
    #17462e #ffb9d1 #d17474 #8bb900 #d10046 #8ba246 #741700 #46ffd1 #ff8b74 #ff46ff
"""
_COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY_BLUE, YELLOW, *_FURTHER.split())
_MARKERS = "os^Dv"
FEW = 7  # so many classes differ by colour alone


def palette(count: int) -> list[str]:
    """Colours of ``count`` classes; after a hundred they come again.

    >>> palette(3)
    ['#0072b2', '#e69f00', '#009e73']
    """
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]


def markers(count: int) -> list[str]:
    """The signs of the points of ``count`` classes: many colours alone would be too much alike."""
    if count <= FEW:
        return ["o"] * count
    rounds = ((number, number // len(_COLOURS)) for number in range(count))
    return [_MARKERS[(number + round) % len(_MARKERS)] for number, round in rounds]
