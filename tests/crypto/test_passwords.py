"""Passwords: right, wrong, old, too long, too many, and for nobody at all."""

import time

import anyio
import pytest
from argon2 import PasswordHasher

from helpdesk_mcp.crypto.passwords import Busy, Passwords, TooLong, Verdict, normalised

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
WRONG = Verdict(right=False)


async def test_the_right_password_is_right_and_any_other_wrong() -> None:
    passwords = Passwords()
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(stored, "correct horse") == Verdict(right=True)
    assert await passwords.verify(stored, "Correct horse") == WRONG


async def test_one_password_may_be_spelled_in_two_ways_of_unicode() -> None:
    passwords = Passwords(hasher=QUICK)
    stored = await passwords.hash("contrase\u00f1a")
    assert (await passwords.verify(stored, "contrasen\u0303a")).right


@pytest.mark.parametrize("password", ["x" * 1025, "\u20ac" * 342, "x" * 10_000_000])
async def test_a_password_beyond_1024_bytes_is_refused_before_any_work(password: str) -> None:
    began = time.perf_counter()
    with pytest.raises(TooLong):
        await Passwords(hasher=QUICK).verify(None, password)
    assert time.perf_counter() - began < 1


async def test_half_a_character_is_only_wrong() -> None:
    passwords = Passwords(hasher=QUICK)
    stored = await passwords.hash("x")
    assert await passwords.verify(stored, "\ud800") == WRONG
    assert normalised("\ud800")


async def test_a_hash_with_old_parameters_is_made_anew() -> None:
    verdict = await Passwords().verify(QUICK.hash("correct horse"), "correct horse")
    assert verdict.right
    assert verdict.rehashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "argon2" not in repr(verdict)


async def test_nobody_has_no_password() -> None:
    assert await Passwords(hasher=QUICK).verify(None, "x") == WRONG


async def test_what_is_no_hash_matches_nothing() -> None:
    assert await Passwords(hasher=QUICK).verify("plain", "plain") == WRONG


async def test_an_unknown_person_costs_the_same_work() -> None:
    passwords = Passwords()
    stored = await passwords.hash("correct horse")
    known, unknown = [
        min([await _seconds(passwords, one) for _ in range(5)]) for one in (stored, None)
    ]
    assert 0.5 < known / unknown < 2


async def test_too_many_at_once_are_told_that_we_are_busy() -> None:
    passwords = Passwords(at_once=1, patience=0.001, hasher=PasswordHasher(memory_cost=65_536))
    outcomes: list[str] = []

    async def attempt() -> None:
        try:
            await passwords.verify(None, "x")
        except Busy:
            outcomes.append("busy")
        else:
            outcomes.append("checked")

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(attempt)
    assert sorted(outcomes) == ["busy", "busy", "busy", "checked"]
    assert await passwords.verify(None, "x") == WRONG


async def _seconds(passwords: Passwords, stored: str | None) -> float:
    began = time.perf_counter()
    await passwords.verify(stored, "wrong")
    return time.perf_counter() - began
