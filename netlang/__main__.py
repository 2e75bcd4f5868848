"""``python -m netlang`` is the program ``netlang``."""

from netlang.tools.cli import main

if __name__ == "__main__":
    main()
