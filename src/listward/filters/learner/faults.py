"""What can be wrong with a model file."""


class ModelError(ValueError):
    """The file is not a model of ours, is damaged, or is of another version. The message names the file and the fault."""
