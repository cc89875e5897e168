"""Judges: message and facts become findings, findings become a verdict. Pure, except through the probes handed in."""
