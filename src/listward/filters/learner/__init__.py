"""The on-line spam model."""
