"""The first-party methods, registered as a stranger's would be: by entry points."""
