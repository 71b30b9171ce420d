"""The review session: queue, selection, commands with their inverses. Knows no Qt."""
