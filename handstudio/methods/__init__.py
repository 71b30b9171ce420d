"""The contract of a method, the loops that train and propose with it, devices, weights and plugins."""
