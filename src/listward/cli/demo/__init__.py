"""The sample list server and the twelve sample messages that `make run` shows."""
