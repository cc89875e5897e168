"""How the replay of habits counts: by author, in order of time, with what is held taken as released."""

from bench.hijack import DAY_S, Post, tally

from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Method, Path
from listward.filters.judgement import MessageFacts

HERE, THERE = (Path(Method.SPF, "here.example"),), (Path(Method.SPF, "there.example"),)


def post(day: float, paths: tuple[Path, ...] = HERE, payees: tuple[str, ...] = (), author: str = "ana") -> Post:
    """One post on one day."""
    return Post(day * DAY_S, author, paths, MessageFacts("", "", "", "", 0, False, False, payees=payees, language="en"))


def test_a_move_with_a_new_payee_is_held_once() -> None:
    """And the others, in whatever order they lie in the archive, are not."""
    usual = [post(day) for day in range(8)]
    moved = [post(8, THERE, ("iban",)), post(9, THERE, ("iban",))]
    found, authors, held = tally([*moved, *usual, post(3, author="ben")], Role.MEMBER)
    assert (found["messages"], found["hijack-signs"], held) == (11, 1, {"ana"})
    assert found["held: new-path + new-payee"] == 1
    assert authors == {"ana", "ben"}


def test_what_was_long_ago_is_no_habit() -> None:
    """After ninety days nothing is compared."""
    found, _, held = tally([*(post(day) for day in range(8)), post(200, THERE, ("iban",))], Role.OFFICER)
    assert (found["hijack-signs"], held) == (0, set())
