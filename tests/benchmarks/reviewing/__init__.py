"""The stages of ``review_walk.py``: each module walks one section of what a review offers."""
