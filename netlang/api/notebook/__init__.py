"""What netlang shows in a notebook: its objects as HTML, a live display, and the magic `%%net`.

It is HTML of tables, texts and pictures, without scripts, so that it is shown in Jupyter, VS Code
and marimo, in notebooks that are not trusted, and in what is exported from them. Its colours are
the theme's, or such as suit light and dark ones.
"""
