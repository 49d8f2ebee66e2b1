"""Sealed records: they open where they belong, with their own key, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.crypto.sealing import (
    Place,
    Sealer,
    SecretKey,
    SpentKey,
    Unreadable,
    key_version,
    new_key,
    seal,
    unseal,
)

KEY = new_key(3)
HERE = Place(table="connections", column="credential", tenant="acme", row="it")
SECRET = b'{"password": "canary-4711"}'
ELSEWHERE = (
    replace(HERE, tenant="globex"),
    replace(HERE, row="hr"),
    replace(HERE, column="settings"),
    replace(HERE, table="people"),
)


@given(secret=st.binary(max_size=2_000))
def test_what_was_sealed_can_be_opened(secret: bytes) -> None:
    record = seal(KEY, HERE, secret)
    assert unseal(KEY, HERE, record) == secret
    assert (record[0], key_version(record)) == (1, 3)


def test_s17_a_record_with_any_byte_flipped_does_not_open() -> None:
    record = seal(KEY, HERE, SECRET)
    for position in range(len(record)):
        damaged = bytearray(record)
        damaged[position] ^= 1
        with pytest.raises(Unreadable):
            unseal(KEY, HERE, bytes(damaged))


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=repr)
def test_s17_a_record_moved_to_another_place_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, elsewhere, seal(KEY, HERE, SECRET))


def test_places_that_read_alike_when_joined_are_different_places() -> None:
    one = Place(table="a", column="b|c", tenant="t", row="r")
    with pytest.raises(Unreadable):
        unseal(KEY, Place(table="a|b", column="c", tenant="t", row="r"), seal(KEY, one, SECRET))


def test_s17_a_record_of_an_older_key_does_not_open_with_a_newer_one() -> None:
    with pytest.raises(Unreadable):
        unseal(replace(KEY, version=4), HERE, seal(KEY, HERE, SECRET))


@pytest.mark.parametrize("length", [0, 1, 5, 32])
def test_a_record_cut_short_does_not_open(length: int) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, HERE, seal(KEY, HERE, SECRET)[:length])


def test_a_key_shows_nothing_of_itself() -> None:
    assert repr(KEY) == "SecretKey(version=3)"


def test_a_key_has_thirty_two_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKey(version=1, value=b"short")


def test_s19_no_nonce_comes_twice() -> None:
    nonces = {seal(KEY, HERE, b"")[5:17] for _ in range(10_000)}
    assert len(nonces) == 10_000


def test_s19_a_repeated_nonce_is_seen_where_a_test_looks_for_it() -> None:
    seen: set[bytes] = set()

    def stuck() -> bytes:
        if (nonce := b"\0" * 12) in seen:
            raise AssertionError("the same nonce twice")
        seen.add(nonce)
        return nonce

    seal(KEY, HERE, SECRET, stuck)
    with pytest.raises(AssertionError, match="twice"):
        seal(KEY, HERE, SECRET, stuck)


def test_s18_a_sealer_makes_no_more_records_than_were_counted() -> None:
    sealer = Sealer("acme", {1: new_key(1)}, seals=1)
    sealer.seal("connections", "credential", "it", SECRET)
    with pytest.raises(SpentKey):
        sealer.seal("connections", "credential", "it", SECRET)


def test_a_sealer_seals_with_the_newest_key_and_opens_with_all() -> None:
    old, new = new_key(1), new_key(2)
    before = Sealer("acme", {1: old}, seals=1).seal("t", "c", "r", SECRET)
    both = Sealer("acme", {1: old, 2: new}, seals=1)
    assert key_version(both.seal("t", "c", "r", SECRET)) == 2
    assert both.unseal("t", "c", "r", before) == SECRET
    with pytest.raises(Unreadable):
        Sealer("acme", {2: new}).unseal("t", "c", "r", before)
