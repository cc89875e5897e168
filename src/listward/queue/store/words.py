"""A Redis command as words, before and apart from any client."""

Word = bytes | str | int | float
Words = tuple[Word, ...]
