"""The life of a case: pure values, states and who may."""
