"""Samples, each of which is moved in its own way.

An exported file has copies of these functions, so they use nothing but torch.
"""

from __future__ import annotations

from netlang.system.lazy import torch


def flipped(x: torch.Tensor, flips: torch.Tensor, dim: int) -> torch.Tensor:
    """Those samples that ``flips`` says the other way round along a dimension.

    Shape: [N, *], [N] bool -> [N, *].
    """
    return torch.where(flips.view(-1, *[1] * (x.dim() - 1)), x.flip(dim), x)


def shifted(
    x: torch.Tensor,
    by: torch.Tensor,
    dim: int,
    mode: str,
    fill: torch.Tensor | float,
) -> torch.Tensor:
    """Each sample moved along a dimension ``by`` a number of places of its own, fewer than it has.

    Shape: [N, *], [N] int64 -> [N, *].
    """
    size = x.shape[dim]
    at = torch.arange(size, device=x.device) + by.view(-1, 1)
    within = (at >= 0) & (at < size)
    if mode == "reflect":
        at = size - 1 - (size - 1 - at.abs()).abs()
    elif mode == "circular":
        at = at % size
    at = at.clamp(0, size - 1)
    shape = [len(x)] + [1] * (x.dim() - 1)
    shape[dim] = size
    moved = x.gather(dim, at.view(shape).expand_as(x))
    if mode != "constant":
        return moved
    return torch.where(within.view(shape), moved, torch.as_tensor(fill).to(x))


def turned(
    x: torch.Tensor,
    angle: torch.Tensor,
    factor: torch.Tensor,
    mode: str,
    fill: torch.Tensor | float,
    exact: bool,
) -> torch.Tensor:
    """Each picture turned about its middle by an angle, in radians, and enlarged by a factor.

    Shape: [N, C, H, W] or [N, H, W], [N] each -> that of x.
    """
    rows, columns = x.shape[-2:]
    down = torch.arange(rows).view(1, -1, 1).to(x) - (rows - 1) / 2
    right = torch.arange(columns).to(x) - (columns - 1) / 2
    cosine = (torch.cos(angle) / factor).view(-1, 1, 1)
    sine = (torch.sin(angle) / factor).view(-1, 1, 1)
    # From where in the picture each pixel comes, in halves of its sides.
    across = (cosine * right - sine * down) / max((columns - 1) / 2, 0.5)
    along = (sine * right + cosine * down) / max((rows - 1) / 2, 0.5)
    borders = {"constant": 0, "replicate": 1, "reflect": 2}[mode]
    fill = torch.as_tensor(fill).to(x)
    pictures = x - fill if mode == "constant" else x
    pictures = pictures.reshape(len(x), -1, rows, columns)
    places = torch.stack([across, along], -1)
    found = torch.grid_sampler_2d(pictures, places, int(exact), borders, True)
    return (found.view_as(x) + fill) if mode == "constant" else found.view_as(x)
