"""How good poses are: EPE, PCK, AUC, and the comparison of models."""
