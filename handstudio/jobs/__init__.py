"""Long work in processes of its own: start, progress, cancel, log, result."""
