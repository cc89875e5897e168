"""Hashed features: stable numbers that forget where a message came from."""

from messages import build

from listward.filters.learner.features import BUCKETS, features
from listward.filters.message.parse import parse_message

# The features of "Subject: hello", "world": a change here makes every stored model worthless.
KNOWN = [2862, 7047, 26085, 42630, 114865, 161652, 187100, 198087, 201027, 224665, 243945, 246620]
TEXT = "Come to the meeting on Friday. We vote on the motion.\n"


def of(**fields: object) -> set[int]:
    """The features of a message built from these fields."""
    return set(features(parse_message(build(**fields))))  # type: ignore[arg-type]  # names of build


def test_numbers_are_stable() -> None:
    """The same message gives the same few numbers on every machine, so that a stored model keeps its meaning."""
    assert sorted(features(parse_message(b"Subject: hello\r\n\r\nworld\r\n"))) == KNOWN


def test_each_bucket_once_and_in_range() -> None:
    """Buckets are a set within the table."""
    found = features(parse_message(build(text=TEXT * 50)))
    assert len(found) == len(set(found))
    assert all(0 <= bucket < BUCKETS for bucket in found)


def test_list_footer_host_and_author_change_nothing() -> None:
    """Where a message came from is not among its features."""
    plain = of(text=TEXT, from_="a@x.example", to="b@y.example", message_id="<1@x.example>", date=None)
    other = of(
        text=f"{TEXT}{'_' * 47}\nwombat mailing list\nwombat@lists.example\n",
        from_="Zoe <zoe@z.example>",
        to="wombat@lists.example",
        headers=[("List-Id", "<wombat.lists.example>"), ("Received", "from a.example by b.example")],
    )
    assert plain == other


def test_subject_weighs_apart() -> None:
    """A word in the subject is another feature than the same word in the text."""
    assert of(subject="pills", text="hello\n") - of(subject="other", text="hello pills\n")


def test_order_of_words_matters() -> None:
    """Pairs of words are features too."""
    assert of(text="vote on the motion\n") != of(text="motion the on vote\n")


def test_hidden_words_weigh_apart() -> None:
    """Hidden text does not speak as if it were seen."""
    seen = of(html="<p>Hello</p><p>wombat</p>", text="Hello\n")
    hidden = of(html='<p>Hello</p><p style="display:none">wombat</p>', text="Hello\n")
    assert hidden - seen
