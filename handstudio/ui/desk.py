"""Projects and their windows: opening, changing and closing them, and what a first start shows."""

from __future__ import annotations

import getpass
from importlib import import_module
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer

from handstudio.errors import HandStudioError
from handstudio.ui import rubbish
from handstudio.ui.actions import Actions
from handstudio.ui.bridge import SessionBridge
from handstudio.ui.second_look import WHO
from handstudio.ui.services import Services
from handstudio.ui.theme import Theme
from handstudio.ui.window import MainWindow

if TYPE_CHECKING:
    from handstudio.project.project import Project

WELCOME = (
    "This example was rendered by HandStudio: two people, both hands, some frames hard on purpose. "
    "Press <b>P</b> to have poses proposed; then <b>Space</b> accepts what is right, and dragging a joint "
    "fixes what is not. Press <b>T</b> to finetune the model on what you decided, or drop your own folder or "
    "video here."
)


class Desk(QObject):
    """Keeps the windows; one project each.

    Args:
        settings: what is remembered.
        jobs: whether the windows may start processes.
        docks: whether the docks are filled.
    """

    def __init__(
        self, settings: QSettings, jobs: bool = True, docks: bool = True, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.theme = Theme(settings, self)
        self.theme.apply()
        self.windows: list[MainWindow] = []
        self._with_jobs = jobs
        self._with_docks = docks

    def open_first(self, path: Path | None) -> MainWindow:
        """What a start shows: the given project or footage, else the last project, else the example."""
        if path is not None:
            return self.open_path(path)
        last = self.settings.value("project/last")
        if isinstance(last, str) and (Path(last) / "project.db").exists():
            try:
                return self._shown(Path(last))
            except HandStudioError as error:
                window = self.open_example()
                window.status.say_error(str(error))
                return window
        return self.open_example()

    def open_path(self, path: Path) -> MainWindow:
        """A project's folder is opened; of footage, a project is made beside the user's other projects."""
        path = path.resolve()
        if (path / "project.db").exists():
            return self._shown(path)
        if not path.exists():
            raise HandStudioError("There is no such file or folder", path)
        window = self._shown(project_of(path, projects_folder()))
        window.work.import_paths([path])
        return window

    def open_example(self) -> MainWindow:
        """The bundled example in a project of the user's own; it is read in on the first start."""
        folder = projects_folder() / "example"
        window = self._shown(folder)
        source = files("resources") / "example"
        footage = [Path(str(entry)) for entry in source.iterdir()] if source.is_dir() else []
        if not window.session.project.sequences() and any(entry.is_dir() for entry in footage):
            window.work.import_paths([Path(str(source))])
        if not self.settings.value("banner/welcome_closed", False, bool):
            window.banner.say("welcome_closed", WELCOME, "mdi6.hand-wave-outline")
        return window

    def open(self, folder: Path) -> MainWindow:
        """Open the project of a folder, or make one there, in a new window."""
        from handstudio.project.project import Project

        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HandStudioError(
                f"The folder for projects cannot be made ({error.strerror or error})",
                folder.parent,
                "Open a project elsewhere: handstudio window FOLDER",
            ) from error
        project = Project.open_or_create(folder, writer="window")
        try:
            window = self._window(project)
        except BaseException:
            project.close()
            raise
        window.show()
        window.start()
        return window

    def _shown(self, folder: Path) -> MainWindow:
        """The window that has the project of a folder already, else a new one.

        One that could only read is not enough: who held the project then may be gone.
        """
        for window in self.windows:
            project = window.session.project
            if not project.read_only and Path(project.path).resolve() == folder.resolve():
                window.show()
                window.raise_()
                window.activateWindow()
                return window
        return self.open(folder)

    def _window(self, project: Project) -> MainWindow:
        from handstudio.review.session import ReviewSession

        who = self.settings.value(WHO)
        session = ReviewSession(project, who if isinstance(who, str) and who else user_name())
        services = self._services(project, session)
        window = MainWindow(session, services, fill_docks=self._with_docks)
        self.windows.append(window)
        window.closed.connect(lambda: self._closed(window))
        window.wants_project.connect(lambda path: self._change(window, path))
        window.banner.dismissed.connect(lambda name: self.settings.setValue(f"banner/{name}", True))
        settings, actions = self.settings, services.actions
        actions.on("open_example", lambda: window.trying(self.open_example))
        asking = {
            "open_project": lambda ask: ask.ask_folder(
                window, settings, "Open project", lambda paths: self._change(window, paths[0])
            ),
            "new_project": lambda ask: ask.ask_new_folder(
                window, settings, "New project", lambda paths: self._change(window, paths[0], make=True)
            ),
            "import_folder": lambda ask: ask.ask_folder(
                window, settings, "Import folder", window.work.import_paths
            ),
            "import_video": lambda ask: ask.ask_videos(
                window, settings, "Import video", window.work.import_paths
            ),
            "export": lambda ask: ask.ask_export(window, settings, window.work.export),
        }
        for name, ask in asking.items():
            actions.on(name, lambda ask=ask: ask(import_module("handstudio.ui.dialogs")))
        return window

    def _services(self, project: Project, session) -> Services:  # noqa: ANN001
        from handstudio.ui.loading import FrameLoader

        runner = board = worker = None
        if self._with_jobs and not project.read_only:
            from handstudio.jobs.process import JobRunner
            from handstudio.jobs.worker import ProposalWorker
            from handstudio.ui.job_board import JobBoard

            runner = JobRunner(project.path)
            board = JobBoard(runner)
            adopted = project.adopted_model()
            worker = ProposalWorker(adopted.path if adopted is not None else None)
        return Services(
            theme=self.theme,
            actions=Actions(self.theme, self.settings),
            jobs=runner,
            worker=worker,
            loader=FrameLoader.of_project(project),
            settings=self.settings,
            bridge=SessionBridge(session),
            board=board,
        )

    def _change(self, window: MainWindow, folder: Path, make: bool = False) -> None:
        """Open another project in the place of a window's."""
        if not make and not (folder / "project.db").exists():
            window.status.say_error(f"There is no project: {folder}. Import the folder instead (Ctrl+O)")
            return
        known = list(self.windows)
        shown = window.trying(lambda: self._shown(folder))
        if shown is not None and shown not in known:
            window.close_aside()

    def say_fault(self, text: str) -> None:
        """Show what went wrong (rich text) in the window that is used."""
        shown = [window for window in self.windows if window.isVisible()]
        active = [window for window in shown if window.isActiveWindow()]
        for window in (active or shown)[-1:]:
            window.banner.say("fault", text, "mdi6.alert-outline")

    def _closed(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.session.project.close()
        rubbish.look_everywhere()
        QTimer.singleShot(0, window.deleteLater)


def project_of(footage: Path, projects: Path) -> Path:
    """The folder under ``projects`` for footage: the one made from it, else a free one of its name."""
    name = (footage.name if footage.is_dir() else footage.stem) or "footage"
    for number in count(1):
        folder = projects / (name if number == 1 else f"{name}-{number}")
        if not folder.exists() or _is_from(folder, footage):
            return folder
    raise AssertionError


def _is_from(folder: Path, footage: Path) -> bool:
    """Whether a project's footage is this; an empty one is, unless somebody is about to fill it."""
    from handstudio.project.project import Project

    if not (folder / "project.db").exists():
        return False
    try:
        with Project.open(folder, read_only=True) as project:
            sources = [Path(sequence.path) for sequence in project.sequences()]
            if not sources:
                return project.hold() is None
    except HandStudioError:
        return False
    return any(footage in (source, *source.parents) for source in sources)


def projects_folder() -> Path:
    """Where projects are made that nobody gave a place."""
    import platformdirs

    return Path(platformdirs.user_data_dir("HandStudio", appauthor=False)) / "projects"


def user_name() -> str:
    """Who decides here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
