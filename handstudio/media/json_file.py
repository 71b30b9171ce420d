"""Reads a JSON file that others wrote, with errors that name the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from handstudio.errors import HandStudioError

SIZE_LIMIT = 2 << 30
"""Bytes; a larger file is refused before it is read."""


def read_json(path: Path, size_limit: int = SIZE_LIMIT) -> Any:
    """What the JSON file says.

    Raises:
        HandStudioError: when the file is missing, too large or no JSON.
    """
    try:
        if path.stat().st_size > size_limit:
            raise HandStudioError(f"The file is larger than {size_limit:,} bytes and is not read", path)
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise HandStudioError("There is no such file", path) from None
    except OSError as error:
        raise HandStudioError(f"The file cannot be read ({error.strerror or error})", path) from error
    except (ValueError, RecursionError) as error:
        raise HandStudioError(f"The file is no valid JSON ({error})", path) from error
