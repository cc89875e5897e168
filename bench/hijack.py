"""`python -m bench.hijack ARCHIVE...`: how often the signs of a stolen account would hold genuine mail of a list.

Reads archives as `listward replay` does, and goes through them by date, each author by herself, as the gateway would:
what is held is taken as released by a person, so that it is usual from then on. An archive can prove no path; the
domain of the Message-ID stands for it, which changes with every machine and so finds more new paths than DNS would.
"""

import argparse
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from listward.cli.archives import RecordError, records
from listward.filters.content.manner import manner_of
from listward.filters.context import Context
from listward.filters.identity.claims import claims_of
from listward.filters.identity.habits import HIJACK, habit_findings, path_key, payee_keys
from listward.filters.identity.origin import Origin, OriginKind, Role
from listward.filters.identity.standing import Habits, Method
from listward.filters.identity.standing import Path as MailPath
from listward.filters.judgement import MessageFacts
from listward.filters.message.parse import parse_message

DAY_S = 86_400
HABIT_DAYS = 90
NOBODY = Context("", frozenset(), frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Post:
    """One message of an archive, cut down to what signs look at. `at` is Unix seconds."""

    at: float
    author: str
    paths: tuple[MailPath, ...]
    facts: MessageFacts


@dataclass
class Memory:
    """What a store would remember of one author."""

    posts: deque[Post] = field(default_factory=deque)

    def habits(self, now: float) -> Habits:
        """What is usual for the author."""
        while self.posts and self.posts[0].at < now - HABIT_DAYS * DAY_S:
            self.posts.popleft()
        return Habits(
            posts=len(self.posts),
            posts_today=sum(post.at > now - DAY_S for post in self.posts),
            days=len({post.at // DAY_S for post in self.posts}),
            paths=frozenset(path_key(post.author, path) for post in self.posts for path in post.paths),
            payees=frozenset(key for post in self.posts for key in payee_keys(post.author, post.facts.payees)),
            languages=frozenset(post.facts.language for post in self.posts) - {""},
        )


def posts_in(paths: list[Path]) -> Iterator[Post]:
    """Every message with an author and a date."""
    for record in records(paths):
        try:
            _, raw = record.message()
        except RecordError:
            continue
        message = parse_message(raw)
        claims = claims_of(message)
        author = claims.author or " ".join(message.first("From").lower().split())
        if not author or claims.date is None:
            continue
        manner = manner_of(message, NOBODY)
        facts = MessageFacts("", "", "", "", 0, False, False, payees=manner.payees, language=manner.language)
        yield Post(claims.date, author, _paths(message.first("Message-ID")), facts)


def _paths(message_id: str) -> tuple[MailPath, ...]:
    host = message_id.rpartition("@")[2].strip("<> \t").lower()
    domain = ".".join(host.split(".")[-2:])
    return (MailPath(Method.SPF, domain),) if "." in domain else ()


def tally(posts: Iterable[Post], role: Role) -> tuple[Counter[str], set[str], set[str]]:
    """Count what is found; and the authors there are, and those of whom something would be held."""
    memories: dict[str, Memory] = defaultdict(Memory)
    found: Counter[str] = Counter()
    held: set[str] = set()
    for post in sorted(posts, key=lambda one: one.at):
        memory = memories[post.author]
        habits = memory.habits(post.at)
        findings = habit_findings(habits, Origin(OriginKind.MEMBER, post.author, role), post.paths, post.facts)
        found["messages"] += 1
        found.update(finding.rule for finding in findings)
        if any(finding.rule == HIJACK for finding in findings):
            held.add(post.author)
            found["held: " + " + ".join(finding.rule for finding in findings if finding.rule != HIJACK)] += 1
        memory.posts.append(post)
    return found, set(memories), held


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", nargs="+", type=Path)
    parser.add_argument("--role", type=Role, default=Role.MEMBER, choices=list(Role))
    options = parser.parse_args()
    found, authors, held = tally(posts_in(options.archive), options.role)
    for name, count in sorted(found.items()):
        print(f"{name}: {count}")
    print(f"authors: {len(authors)}, of whom something would be held: {len(held)}")


if __name__ == "__main__":
    main()
