"""Made data: points that a rule draws, a set for each rule, so that its truth is known."""

from netlang.catalogue.data.made.circles import Circles
from netlang.catalogue.data.made.disc import Disc
from netlang.catalogue.data.made.gauss import Gauss
from netlang.catalogue.data.made.moons import Moons
from netlang.catalogue.data.made.pairs import Pairs
from netlang.catalogue.data.made.shapes import Shapes
from netlang.catalogue.data.made.sine import Sine
from netlang.catalogue.data.made.spiral import Spiral
from netlang.catalogue.data.made.xor import XOR

__all__ = ["XOR", "Circles", "Disc", "Gauss", "Moons", "Pairs", "Shapes", "Sine", "Spiral"]
