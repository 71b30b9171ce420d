"""When Python looks for objects that only refer to each other.

It looks through all there are: during the start again and again and in vain, later for tens of milliseconds,
in which the window does not answer. So it does not look while the window is being made, and what was made
then is left out of every later look.
"""

from __future__ import annotations

import gc


def pause() -> None:
    """Do not look until :func:`resume`."""
    gc.disable()


def resume() -> None:
    """Look again, only through what is made from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def look_everywhere() -> None:
    """A window went: what was left out may be rubbish by now."""
    gc.unfreeze()
