"""What was decided: the project folder, its database, decisions, history and dense maps."""
