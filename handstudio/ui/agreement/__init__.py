"""How far two annotators agree, and the way through what they disagree about."""
