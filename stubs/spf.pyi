from collections.abc import Callable

DNSLookup: Callable[..., list[tuple[tuple[str, str], object]]]

class TempError(Exception):
    def __init__(self, msg: str, mech: str | None = None, ext: object = None) -> None: ...

class PermError(Exception):
    def __init__(self, msg: str, mech: str | None = None, ext: object = None) -> None: ...

class query:
    mechanism: str | None
    def __init__(
        self,
        i: str,
        s: str,
        h: str,
        local: str | None = None,
        receiver: str | None = None,
        strict: bool = True,
        timeout: float = 20,
        verbose: bool = False,
        querytime: float = 0,
    ) -> None: ...
    def check(self, spf: str | None = None) -> tuple[str, int, str]: ...
