from collections.abc import Iterator
from typing import Generic, TypeVar

from mailmanclient import Member
from mailmanclient.restbase.connection import Connection

M = TypeVar("M", bound=Member)

class Page(Generic[M]):
    total_size: object
    def __init__(
        self, connection: Connection, path: str, model: type[M], count: int = ..., page: int = ...
    ) -> None: ...
    def __iter__(self) -> Iterator[M]: ...
    def __len__(self) -> int: ...
