"""What the model shows of a hand beside its pose: which maps there are, and all of them side by side."""
