"""Rosters from Mailman 3's REST interface."""
