"""What concerns the project, and the program as a whole."""

from __future__ import annotations

from typing import Final

from handstudio.ui.actions.spec import ActionSpec, spec

PROJECT: Final[tuple[ActionSpec, ...]] = (
    spec("open_project", "Open project…", "Project", "Ctrl+Shift+O", "folder-open-outline"),
    spec("new_project", "New project…", "Project", "Ctrl+Shift+N", "folder-plus-outline"),
    spec(
        "import_folder",
        "Import folder…",
        "Project",
        "Ctrl+O",
        "folder-image",
        "Import a folder of images or a recording; nothing is copied",
    ),
    spec(
        "import_video", "Import video…", "Project", "Ctrl+I", "filmstrip", "Import a video; nothing is copied"
    ),
    spec("export", "Export labels…", "Project", "Ctrl+E", "export-variant"),
    spec("open_example", "Open the example", "Project", "", "hand-wave-outline"),
    spec(
        "reviewer",
        "Reviewer…",
        "Project",
        "Ctrl+Alt+U",
        "account-edit-outline",
        "Who reviews from now on: the name that is kept with every decision",
    ),
    spec(
        "verify_own",
        "Verify one's own decisions",
        "Project",
        "",
        "",
        "For teams of one: people may verify what they decided themselves, in this project",
        checkable=True,
    ),
    spec("quit", "Quit", "Project", "Ctrl+Q", "exit-to-app"),
    spec("palette", "Command palette", "Help", "Ctrl+K", "magnify"),
    spec("help", "Help", "Help", "F1", "help-circle-outline", "The manual, with the keys in force"),
    spec("shortcuts", "Keys", "Help", "?", "keyboard-outline", "What every key does, and other keys for it"),
    spec("about", "About HandStudio", "Help", "", "information-outline"),
)
