"""The option --backend is for commands that train a program, or estimate the memory for it."""

from __future__ import annotations

import click

from netlang.engine import BACKENDS

backend_option = click.option(
    "--backend",
    type=click.Choice(BACKENDS, case_sensitive=False),
    default="auto",
    show_default=True,
    help="Train on tensors, in compiled C, or with whichever finishes first.",
)
