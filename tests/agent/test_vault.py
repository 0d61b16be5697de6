"""Sealed values open only where they belong, and indexes tell nothing."""

from __future__ import annotations

import pytest

from agent.vault import VaultError, decode_key, new_key
from tests.builders import a_vault, another_key


def test_what_is_sealed_opens_again() -> None:
    vault = a_vault()
    assert vault.open(vault.seal("Zoë \ud800 Ångström", "lead.phone.1"), "lead.phone.1") == "Zoë \ud800 Ångström"


def test_the_same_value_never_looks_the_same() -> None:
    """A42: ciphertext of the same value differs between rows, and between two writings of one row."""
    vault = a_vault()
    assert len({vault.seal("+16145550123", "lead.phone.1") for _ in range(100)}) == 100


@pytest.mark.parametrize("elsewhere", ["lead.phone.2", "lead.email.1", "contact.phone.1"])
def test_a_value_moved_to_another_row_or_column_does_not_open(elsewhere: str) -> None:
    """A42: swapping ciphertext between rows or columns fails authentication."""
    vault = a_vault()
    with pytest.raises(VaultError, match="moved"):
        vault.open(vault.seal("+16145550123", "lead.phone.1"), elsewhere)


def test_every_changed_bit_is_noticed() -> None:
    vault = a_vault()
    sealed = vault.seal("secret", "a.b.1")
    for place in range(len(sealed)):
        with pytest.raises(VaultError):
            vault.open(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], "a.b.1")
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            vault.open(sealed[:length], "a.b.1")


def test_an_older_key_opens_and_the_newest_seals() -> None:
    """A43."""
    old, new = another_key(), another_key()
    sealed = a_vault(old).seal("kept", "a.b.1")
    both = a_vault(new, old)
    assert both.open(sealed, "a.b.1") == "kept"
    assert not both.newest(sealed)
    assert both.newest(both.seal("kept", "a.b.1"))
    with pytest.raises(VaultError, match="ENCRYPTION_KEYS"):
        a_vault(new).open(sealed, "a.b.1")


def test_an_index_differs_between_fields_and_cannot_be_made_without_the_key() -> None:
    """A44."""
    vault, stranger = a_vault(), a_vault(secret="another secret, just as long as the other")
    assert vault.index("lead.phone", "+16145550123") == vault.index("lead.phone", "+16145550123")
    assert vault.index("lead.phone", "+16145550123") != vault.index("contact.number", "+16145550123")
    assert vault.index("lead.phone", "+16145550123") != stranger.index("lead.phone", "+16145550123")


def test_a_key_of_the_wrong_length_is_refused_without_being_quoted() -> None:
    for text in ("dG9vIHNob3J0", "not base64 at all!", ""):
        with pytest.raises(VaultError) as refused:
            decode_key(text)
        assert not text or text not in str(refused.value)
    assert len(decode_key(new_key())) == 32
    with pytest.raises(VaultError):
        a_vault(b"short")
