"""What can be wrong with a model file."""


class ModelError(ValueError):
    """The file is not a model of ours, is damaged, or of another version; the message names file and fault."""
