"""The one command `listward`: one file per command group, no logic of its own."""
