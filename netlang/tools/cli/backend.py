"""The option that says what trains a program, for commands that train or estimate it."""

from __future__ import annotations

import click

from netlang.engine import BACKENDS

backend_option = click.option(
    "--backend",
    type=click.Choice(BACKENDS, case_sensitive=False),
    default="auto",
    show_default=True,
    help="On tensors, in compiled C, or whichever is done sooner.",
)
