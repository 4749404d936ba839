"""``python -m pyrhi``: the program where its folder is not on the path."""

from pyrhi.cli import main

if __name__ == "__main__":
    main()
