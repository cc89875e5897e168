"""Carries out what was decided: delivery, clocks, retention."""
