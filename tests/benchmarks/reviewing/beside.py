"""Section 9: what is beside the work: keys, palette, manual, menus, colours, a small window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from handstudio.ui.help.window import HelpWindow
from handstudio.ui.shortcuts import ShortcutList
from tests.benchmarks.reviewing.reviewer import CTRL, NONE, Key, Reviewer
from tests.ui.person import wait_until

MENUS = ("Edit", "Decide", "Go", "View", "Machine")
SMALL = (1180, 720)


def walk(one: Reviewer) -> None:
    """Dialogs first, colours after them."""
    one.press(Key.Key_Space)
    _keys(one)
    _palette(one)
    _manual(one)
    _menus(one)
    _colours(one)
    _small(one)


def _keys(one: Reviewer) -> None:
    one.press(Key.Key_Question)
    window = one.dialog(ShortcutList)
    one.stage("keys", "Space; ?", "Every action with its key, in groups; how a key is changed.")
    tree = window.tree
    item = next(
        group.child(row)
        for group in map(tree.topLevelItem, range(tree.topLevelItemCount()))
        for row in range(group.childCount())
        if group.child(row).text(0) == "Skip"
    )
    tree.scrollToItem(item)
    one.person.click(tree.viewport(), tree.visualItemRect(item).center())
    one.tab_to(window.edit)
    one.press(Key.Key_N)
    wait_until(lambda: window.edit.keySequence().toString() == "N", "the key is in the field")
    one.person.click(window.apply)
    one.stage(
        "key-taken", "A click on Skip, Tab, N, “Use this key”", "Whose key that is; nothing was changed."
    )
    assert one.window.services.actions.keys("skip") == ["S"]
    window.close()
    one.to_window()


def _palette(one: Reviewer) -> None:
    one.press(Key.Key_K, CTRL)
    one.type("fing")
    one.stage("palette", "Ctrl+K, “fing”", "Actions that answer to the word, with their keys.")
    one.press(Key.Key_A, CTRL)
    one.type("xyz")
    one.stage("palette-empty", "Ctrl+A, “xyz”", "Nothing answers to it.")
    one.press(Key.Key_Escape)
    assert not one.window.palette_overlay.isVisible()


def _manual(one: Reviewer) -> None:
    one.press(Key.Key_F1)
    window = one.dialog(HelpWindow)
    one.stage("help", "F1", "The manual's pages at the left, the first one at the right.")
    for number, page in enumerate(list(window._pages)[1:], start=1):
        window.list.setFocus()
        one.press(Key.Key_Down)
        assert window.page.name == page
        if number in (1, 2, 5, 8):
            one.stage(f"help-{page}", "Down", f"The page “{window.page.title}”.")
    one.tab_to(window.field)
    one.type("pinned")
    one.stage("help-found", "Tab, “pinned”", "Pages that hold the word, which is marked.")
    window.close()
    one.to_window()


def _menus(one: Reviewer) -> None:
    bar = one.window.menuBar()
    for action in bar.actions():
        if action.text() in MENUS:
            one.person.click(bar, bar.actionGeometry(action).center())
            wait_until(lambda: QApplication.activePopupWidget() is not None, "the menu is open")
            one.stage(
                f"menu-{action.text().lower()}",
                f"A click on {action.text()}",
                "What the menu offers, with keys.",
            )
            one.press(Key.Key_Escape)
            one.press(Key.Key_Escape)
    wait_until(lambda: QApplication.activePopupWidget() is None, "the menus are closed")
    one.act("About HandStudio")
    one.stage("about", "Ctrl+K “About HandStudio” Return", "What this is, in a line over the frame.")
    one.person.click(one.window.banner.cross)
    assert not one.window.banner.isVisible()


def _colours(one: Reviewer) -> None:
    one.press(Key.Key_F4)
    before = one.window.services.theme.scheme
    for title, scheme in (("Light", "light"), ("High contrast", "contrast"), ("Dark", "dark")):
        one.act(title)
        assert one.window.services.theme.scheme == scheme
        one.stage(f"theme-{scheme}", f"Ctrl+K “{title}” Return", "The same window in other colours.")
    one.window.services.theme.set_scheme(before)


def _small(one: Reviewer) -> None:
    one.window.resize(*SMALL)
    one.settle()
    one.press(Key.Key_F4, NONE)
    one.stage(
        "small-window",
        f"The window {SMALL[0]} x {SMALL[1]} px",
        "Nothing is cut; what has no room gives way.",
    )
    one.window.resize(1600, 960)
