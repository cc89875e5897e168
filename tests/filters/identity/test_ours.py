"""What is the organisation's own is put together once for each configuration."""

from identity_world import BOARD, NEWS, site

from listward.filters.identity.names import words_of
from listward.filters.identity.ours import ours_of


def test_it_holds_domains_lists_and_addresses() -> None:
    """Domains of people and of lists, addresses that nobody writes as, and what lists are called."""
    ours = ours_of(site())
    assert ours.domains == {"party.example", "office.example"}
    assert ours.every_domain == ("party.example", "office.example", "lists.party.example")
    assert ours.roles == {BOARD, NEWS, "appeal@party.example", "listward@party.example"}
    assert ours.list_names == {words_of("board list"), words_of("news list")}
    assert ours.signers == {("party.example", "sel1")}


def test_each_configuration_has_its_own() -> None:
    """The same site is read once; another one, though equal, and a changed one are read for themselves."""
    one, equal = site(), site()
    changed = one.model_copy(update={"lists": one.lists[:1]})
    assert ours_of(one) is ours_of(one)
    assert ours_of(equal) == ours_of(one)
    assert ours_of(equal) is not ours_of(one)
    assert len(ours_of(changed).list_names) == 1 < len(ours_of(one).list_names)
