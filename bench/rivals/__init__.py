"""What others use for the same work, from the distribution's packages, each privately in a folder of its own.

Nothing of the system's own configuration is used or changed: free ports of 127.0.0.1, processes ended by their pid.
"""
