"""``python -m handstudio`` is the command line."""

from __future__ import annotations

from handstudio.cli import main

if __name__ == "__main__":
    main()
