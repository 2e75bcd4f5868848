"""What a cell of a notebook shows: netlang's objects as HTML, and a training that goes on.

It is HTML of tables, texts and pictures, without scripts, so that it is shown in Jupyter, VS Code
and marimo, in notebooks that are not trusted, and in what is exported from them. Its colours are
the theme's, or such as suit light and dark ones.
"""
