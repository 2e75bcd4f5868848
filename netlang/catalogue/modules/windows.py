"""Windows: what an output of a convolution or a pool sees of its input, along one axis."""

from __future__ import annotations

from netlang.language.shapes import Dim, Unknown
from netlang.system.record import Record


class Window(Record):
    """A window of ``kernel`` inputs, each ``dilation`` from the next; the window of the next output
    is ``stride`` inputs further on, or a share of them: one ``finer`` than the input has so many
    outputs for each ``stride``.

    The axis is longer by ``before`` at its beginning and by ``after`` at its end, where its padding
    lies. With ``ceil``, a last window counts that begins within the input and ends behind it.
    """

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    ceil: bool = False
    finer: int = 1

    @property
    def extent(self) -> int:
        """How many inputs it spans, from its first to its last."""
        return self.dilation * (self.kernel - 1) + 1

    def outputs(self, size: int) -> int:
        """How many windows there are along an axis of ``size`` inputs, less than 1 if none fits."""
        room = size + self.before + self.after - self.extent
        if self.ceil:
            count = -(-room // self.stride) + 1
            return count - ((count - 1) * self.stride >= size + self.before)
        return room // self.stride + 1

    def steps_over(self, size: int) -> bool:
        """Whether some window has no input of an axis of ``size``, which lies between two of its
        places.
        """
        begins = range(-self.before, 0, self.stride)[: self.outputs(size)]
        return any(begin % self.dilation >= size for begin in begins)

    def inputs(self, count: int) -> int:
        """The size of the shortest axis along which there are ``count`` windows."""
        return (count - 1) * self.stride + self.extent - self.before - self.after

    def places(self, output: int, size: int) -> range:
        """The inputs in the window of an output, along an axis of ``size`` inputs."""
        begin = output * self.stride // self.finer - self.before
        first = begin + max(0, -(begin // self.dilation)) * self.dilation
        return range(first, min(size, begin + self.extent), self.dilation)

    def outputs_of(self, size: Dim) -> Dim:
        """``outputs`` of what may be unknown, but can be known to stay as it is."""
        if isinstance(size, int):
            return self.outputs(size)
        return size if self._keeps_size else Unknown()

    def inputs_of(self, count: Dim) -> Dim:
        """``inputs`` likewise."""
        if isinstance(count, int):
            return self.inputs(count)
        return count if self._keeps_size else Unknown()

    @property
    def _keeps_size(self) -> bool:
        """Whether there are as many windows as inputs along any axis."""
        return self.stride == 1 and self.before + self.after == self.extent - 1
