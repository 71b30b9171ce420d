"""Where frames come from: image folders, videos, recordings."""
