"""The paper's Model 2 as a complete PyTorch script: what ``netlang run models/model2.net`` does."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

TRAIN, TEST, EPOCHS, BATCH = 1000, 1000, 30, 10


def disc() -> tuple[Tensor, Tensor]:
    """Points of the unit square, standardised by the training points, and their two classes."""
    points = torch.rand(TRAIN + TEST, 2)
    labels = ((points - 0.5).square().sum(1) <= 1 / (2 * math.pi)).long()
    inputs = (points - points[:TRAIN].mean(0)) / points[:TRAIN].std(0)
    return inputs, nn.functional.one_hot(labels, 2).float()


def cross_entropy(y: Tensor, t: Tensor, eps: float = 1e-2) -> Tensor:
    return -(t * (y + eps).log() + (1 - t) * (1 - y + eps).log()).sum() / len(y)


def measured(y: Tensor, t: Tensor) -> str:
    accuracy = (y.argmax(1) == t.argmax(1)).float().mean()
    return f"loss {cross_entropy(y, t):.4f}  accuracy {accuracy:.4f}"


def main() -> None:
    torch.manual_seed(0)
    inputs, targets = disc()
    model = nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.Dropout(0.5), nn.ELU()),
        *(nn.Linear(25, 25), nn.Dropout(0.5), nn.ReLU()),
        *(nn.Linear(25, 2), nn.Softmax(-1)),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, EPOCHS + 1):
        order, outputs = torch.randperm(TRAIN), []
        for x, t in zip(inputs[order].split(BATCH), targets[order].split(BATCH), strict=True):
            optimizer.zero_grad()
            y = model(x)
            cross_entropy(y, t).backward()
            optimizer.step()
            outputs.append(y.detach())
        train = measured(torch.cat(outputs), targets[order])
        model.eval()
        with torch.no_grad():
            test = measured(model(inputs[TRAIN:]), targets[TRAIN:])
        model.train()
        print(f"epoch {epoch}  train {train}  test {test}")


if __name__ == "__main__":
    main()
