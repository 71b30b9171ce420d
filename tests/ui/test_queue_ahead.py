"""The next hands of the queue are on the canvas at once, wherever their frames lie."""

from __future__ import annotations

from handstudio.project.records import HandQuery


def test_frames_of_the_next_hands_of_the_queue_are_decoded_before_they_are_wanted(window, qtbot):
    session, loader = window.session, window.services.loader
    session.set_query(HandQuery(order="worst"))
    ids = session.queue.ids
    session.go_to_hand(int(ids[0]))
    wanted = [(hand.sequence_id, hand.frame_index) for hand in session.project.hands(ids[1:5].tolist())]
    here = session.project.hand(int(ids[0])).frame_index
    assert any(abs(index - here) > 8 or index < here for _, index in wanted), "the test needs far frames"
    qtbot.waitUntil(lambda: all(loader.frame(*key) is not None for key in wanted), timeout=10_000)
