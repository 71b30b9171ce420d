"""Rendered hands with pose, mask, depth and views: the labelled side of every method."""
