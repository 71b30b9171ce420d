"""What a shell's words mean before the parser sees them."""

from __future__ import annotations

from collections.abc import Sequence

_SPREADING = ("--sequences", "--rows", "--seeds")


def spread(words: Sequence[str]) -> list[str]:
    """Lets ``--sequences a b c`` stand for ``--sequences a --sequences b --sequences c``.

    Only behind the project or configuration (``propose P --sequences a b``): no name can be taken for it.
    """
    if len(words) < 2 or words[1].startswith("-"):
        return list(words)
    result: list[str] = []
    option: str | None = None
    taken = 0
    for word in words:
        if word in _SPREADING:
            option, taken = word, 0
        elif word.startswith("-"):
            option = None
        elif option is not None:
            if taken:
                result.append(option)
            taken += 1
        result.append(word)
    return result
