"""Where a person's act is authorised and applied, and the doors to it."""
