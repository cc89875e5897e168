"""Facts beside the words: links that mislead, hidden text, shapes; none of them names a host or a list."""

import pytest
from messages import build

from listward.filters.learner.facts import facts_of, host_of
from listward.filters.message.parse import parse_message


def facts(**fields: object) -> set[str]:
    """The facts of a message built from these fields."""
    message = parse_message(build(**fields))  # type: ignore[arg-type]  # names of build
    return facts_of(message, message.visible_text, message.hidden_text)


def link(url: str, shown: str) -> set[str]:
    """The facts of a message with one link."""
    return facts(html=f'<p>Hello</p><a href="{url}">{shown}</a>')


@pytest.mark.parametrize(
    ("url", "shown", "fact"),
    [
        ("https://evil.example/login", "https://bank.test", "link-mismatch"),
        ("http://192.0.2.7/a", "open", "link-numeric"),
        ("https://xn--pypal-4ve.example/", "open", "link-punycode"),
        ("https://bit.ly/abc", "open", "link-shortener"),
        ("https://bank.example@evil.example/", "open", "link-userinfo"),
        ("https://evil.example/%61%62", "open", "link-escaped"),
    ],
)
def test_misleading_link_is_a_fact(url: str, shown: str, fact: str) -> None:
    """Each way in which a link misleads is named."""
    assert fact in link(url, shown)


@pytest.mark.parametrize(
    "shown", ["www.party.example", "https://news.party.example/may", "our page", "read on. Thanks"]
)
def test_honest_link_is_no_mismatch(shown: str) -> None:
    """A link that leads where it says, or says nothing of where, does not mislead."""
    assert "link-mismatch" not in link("https://www.party.example/may", shown)


def test_reply_to_elsewhere() -> None:
    """A Reply-To in another domain than From is a fact; in the same it is none."""
    assert "reply-elsewhere" in facts(headers=[("Reply-To", "x@else.example")])
    assert "reply-elsewhere" not in facts(headers=[("Reply-To", "x@party.example")])


def test_thread_and_quotes() -> None:
    """Answers in a thread are known by their references and quotations."""
    assert {"thread", "quotes"} <= facts(text="> yes\nno\n", headers=[("In-Reply-To", "<a@b.example>")])


def test_subject_shapes() -> None:
    """Capitals, gaps and the last sign of a subject are facts."""
    assert {"subject-capitals", "subject-ends!"} <= facts(subject="FREE MONEY FOR ALL!")
    assert "subject-none" in facts(subject=None)


def test_html_alone_is_told_from_html_with_text() -> None:
    """Whether the HTML comes with plain text is a fact."""
    assert "html" in facts(html="<p>Hello</p>")
    alone = parse_message(b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n")
    assert "html-only" in facts_of(alone, alone.visible_text, alone.hidden_text)


def test_hidden_text_is_a_fact() -> None:
    """Text that no reader sees has its share named."""
    assert any(fact.startswith("hidden") for fact in facts(html='<p>Hi</p><p style="display:none">secret words</p>'))


def test_facts_name_no_host_list_or_person() -> None:
    """Nothing that says where a message came from becomes a fact."""
    given = facts(
        from_="Zoe <zoe@qwertz.example>",
        to="wombat@lists.qwertz.example",
        headers=[("List-Id", "<wombat.qwertz.example>"), ("Received", "from qwertz.example by wombat.example")],
        html='<a href="https://qwertz.example/">wombat</a>',
    )
    assert not [fact for fact in given if "qwertz" in fact or "wombat" in fact or "zoe" in fact.lower()]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.example:80/x", "a.example"),
        ("//b.example", "b.example"),
        ("mailto:a@b.example", ""),
        ("", ""),
        ("x", ""),
    ],
)
def test_host_of(url: str, host: str) -> None:
    """The host in lower case without port, "" where there is none."""
    assert host_of(url) == host
