"""The manual beside the window: pages at the left, what one says at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from handstudio.ui.help.manual import FOLDER, Page, pages
from handstudio.ui.room import resize_within_screen

if TYPE_CHECKING:
    from handstudio.ui.actions import Actions
    from handstudio.ui.theme import Theme

_MARGIN = 24
PICTURE_SCALE = 1.25
"""Pixels of a picture for one of the page's, where there is room."""
_REWRITE_MS = 80
_PICTURE = "\ufffc"
"""What stands for a picture in a text."""


class HelpWindow(QDialog):
    """Every page of the manual, with the keys that are in force; not modal."""

    def __init__(self, actions: Actions, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setWindowTitle("Help")
        self.setModal(False)
        self._actions, self._theme = actions, theme
        self._pages = {page.name: page for page in pages()}
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in help")
        self.field.setAccessibleName("Find in help")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Pages")
        self.reader = Reader()
        self.reader.setAccessibleName("Page")
        left = QVBoxLayout()
        left.addWidget(self.field)
        left.addWidget(self.list, 1)
        layout = QHBoxLayout(self)
        layout.addLayout(left)
        layout.addWidget(self.reader, 1)
        for page in self._pages.values():
            item = QListWidgetItem(page.title)
            item.setData(Qt.ItemDataRole.UserRole, page.name)
            self.list.addItem(item)
        em = self.fontMetrics().averageCharWidth()
        self.list.setFixedWidth(34 * em)
        self.field.setFixedWidth(34 * em)
        resize_within_screen(self, QSize(150 * em, 100 * em))
        self.field.textChanged.connect(self._find)
        self.field.returnPressed.connect(self.list.setFocus)
        self.list.currentItemChanged.connect(self._show)
        self.reader.page_wanted.connect(self.show_page)
        actions.keys_changed.connect(self._show)
        theme.changed.connect(self._show)
        self.list.setCurrentRow(0)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        item = self.list.currentItem()
        return None if item is None else self._pages[item.data(Qt.ItemDataRole.UserRole)]

    def show_page(self, name: str) -> None:
        """Turn to a page."""
        self.field.clear()
        if name in self._pages:
            self.list.setCurrentRow(list(self._pages).index(name))

    def _find(self, text: str) -> None:
        """Only pages that hold what is looked for."""
        fitting = [
            self._pages[self.list.item(row).data(Qt.ItemDataRole.UserRole)].tells(text)
            for row in range(self.list.count())
        ]
        for row, fits in enumerate(fitting):
            self.list.item(row).setHidden(not fits)
        if any(fitting) and not fitting[max(self.list.currentRow(), 0)]:
            self.list.setCurrentRow(fitting.index(True))
        self.reader.mark(text if any(fitting) else "")

    def _show(self, *_what: object) -> None:
        page = self.page
        if page is not None:
            self.reader.show_markdown(page.filled(self._words))
            self.reader.mark(self.field.text())

    def _words(self, name: str) -> str:
        """An action as the manual calls it: its title and its key."""
        if name not in self._actions:
            return f"**{name.replace('_', ' ').capitalize()}**"
        title = self._actions[name].text().rstrip("…")
        keys = self._actions.keys(name)
        return f"**{title}** (`{keys[0]}`)" if keys else f"**{title}**"


class Reader(QTextBrowser):
    """Shows Markdown; pictures are never wider than the page."""

    page_wanted = Signal(str)
    """A link to another page was clicked: its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._text = ""
        self._again = QTimer(self, singleShot=True, interval=_REWRITE_MS)
        self._again.timeout.connect(self._write)
        self.anchorClicked.connect(self._clicked)

    def show_markdown(self, text: str) -> None:
        """Show a page from its top."""
        self._text = text
        self._write()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def mark(self, text: str) -> None:
        """Mark every place where a text stands, and show the first."""
        marks = []
        cursor = QTextCursor(self.document())
        ink = QTextCharFormat()
        ink.setBackground(self.palette().highlight())
        ink.setForeground(self.palette().highlightedText())
        while text.strip() and not (cursor := self.document().find(text.strip(), cursor)).isNull():
            mark = QTextEdit.ExtraSelection()
            mark.cursor, mark.format = cursor, ink
            marks.append(mark)
        self.setExtraSelections(marks)
        if marks:
            first = QTextCursor(marks[0].cursor)
            first.clearSelection()
            self.setTextCursor(first)
            self.ensureCursorVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures follow the width, a little later."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._again.start()

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """A picture beside the page, in the width that there is."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, name)
        picture = QImage(str(FOLDER / name.path()))
        if picture.isNull():
            return picture
        ratio = self.devicePixelRatioF()
        room = max(self.viewport().width() - 2 * _MARGIN, 100)
        wide = min(room, picture.width() / PICTURE_SCALE) * ratio
        picture = picture.scaledToWidth(round(wide), Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(ratio)
        return picture

    def _write(self) -> None:
        place = self.verticalScrollBar().value()
        document = self.document()
        document.clear()
        document.setDocumentMargin(_MARGIN)
        document.setMarkdown(self._text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _spaced(document)
        self.verticalScrollBar().setValue(place)

    def _clicked(self, link: QUrl) -> None:
        if link.scheme() == "page":
            self.page_wanted.emit(link.path())


def _spaced(document: QTextDocument) -> None:
    """Room between lines and paragraphs, and in the cells of tables."""
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        form = block.blockFormat()
        if _PICTURE not in block.text():
            form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if cursor.currentTable() is None and block.textList() is None:
            form.setTopMargin(16 if form.headingLevel() else 6)
            form.setBottomMargin(6)
        cursor.setBlockFormat(form)
        table = cursor.currentTable()
        if table is not None:
            shape = table.format()
            shape.setCellPadding(5)
            shape.setBorderCollapse(True)
            table.setFormat(shape)
        block = block.next()
