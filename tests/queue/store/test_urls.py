"""The forms of [store] url."""

import pytest

from listward.queue.store.urls import BadUrl, StoreUrl, parse_store_url


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("embedded", StoreUrl("embedded")),
        ("unix:///run/redis.sock", StoreUrl("unix", path="/run/redis.sock")),
        ("redis://db", StoreUrl("single", (("db", 6379),))),
        ("redis://listward@db:7000/2", StoreUrl("single", (("db", 7000),), user="listward", database=2)),
        ("rediss://db", StoreUrl("single", (("db", 6379),), tls=True)),
        ("redis://[::1]:7000", StoreUrl("single", (("::1", 7000),))),
        ("redis+sentinel://a,b:9/main", StoreUrl("sentinel", (("a", 26379), ("b", 9)), name="main")),
        ("redis+cluster://a,b:7001", StoreUrl("cluster", (("a", 6379), ("b", 7001)))),
        ("rediss+cluster://a", StoreUrl("cluster", (("a", 6379),), tls=True)),
    ],
)
def test_each_form_is_read(url: str, parsed: StoreUrl) -> None:
    """Hosts get the usual port of their kind."""
    assert parse_store_url(url) == parsed


@pytest.mark.parametrize(
    "url",
    [
        "",
        "Embedded",
        "http://db",
        "redis://",
        "redis://a,b",
        "redis://db:99999",
        "redis://db:0",
        "redis://db/x",
        "redis://db?x=1",
        "unix://socket",
        "unix:",
        "redis+sentinel://a",
        "redis+sentinel://a/b/c",
        "redis+cluster://a/1",
        "redis+cluster://a,,b",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    """A url that would mean something else to somebody is an error."""
    with pytest.raises(BadUrl):
        parse_store_url(url)


def test_a_password_in_the_url_is_refused_without_repeating_it() -> None:
    """Secrets come from files."""
    with pytest.raises(BadUrl, match="password_file") as caught:
        parse_store_url("redis://user:hunter2@db")
    assert "hunter2" not in str(caught.value)
