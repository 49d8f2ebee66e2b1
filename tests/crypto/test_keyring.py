"""Master keys: from where they may come, which are refused, and what is derived from them."""

import base64
import secrets
from pathlib import Path

import pytest

from helpdesk_mcp.crypto.keyring import BadKey, Keyring, new_line, parse_keys, read_keys
from helpdesk_mcp.crypto.sealing import Unreadable, new_key


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


GOOD = encoded(secrets.token_bytes(32))
REFUSED = {
    "empty": "",
    "only a comment": "# none yet",
    "short": encoded(secrets.token_bytes(31)),
    "long": encoded(secrets.token_bytes(33)),
    "hexadecimal": secrets.token_bytes(32).hex(),
    "not base64": "correct horse battery staple",
    "zeros": encoded(bytes(32)),
    "counting": encoded(bytes(range(32))),
    "every third": encoded(bytes(range(0, 96, 3))),
    "a passphrase": encoded(b"this is my very secret passphras"),
    "one half twice": encoded(b"\x01\x80" * 16),
    "version zero": f"0 {GOOD}",
    "version twice": f"1 {GOOD}\n1 {GOOD}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_s14_a_key_that_is_not_thirty_two_random_bytes_is_refused_unseen(text: str) -> None:
    with pytest.raises(BadKey) as refused:
        parse_keys(text)
    said = str(refused.value)
    assert said
    assert all(word not in said for word in text.split() if len(word) > 8)


def test_a_bare_key_is_version_one() -> None:
    assert parse_keys(GOOD).versions == (1,)


def test_several_versions_stand_in_one_variable() -> None:
    text = f"{new_line(1)},{new_line(7)}"
    ring = parse_keys(text)
    assert (ring.versions, ring.newest) == ((1, 7), 7)
    assert repr(ring) == "Keyring(versions=(1, 7))"


def test_keys_come_from_a_file_with_comments(tmp_path: Path) -> None:
    path = written(tmp_path / "keys", f"# ours\n{new_line(1)}\n\n{new_line(2)}\n")
    assert read_keys(path).versions == (1, 2)


def test_keys_come_from_a_mounted_directory(tmp_path: Path) -> None:
    written(tmp_path / "master-1", GOOD + "\n", 0o400)
    written(tmp_path / "2.key", encoded(secrets.token_bytes(32)), 0o440)
    (tmp_path / "..data").mkdir()
    assert read_keys(tmp_path).versions == (1, 2)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o666, 0o644])
def test_s14_a_key_file_that_others_can_read_or_change_is_refused(
    tmp_path: Path, mode: int
) -> None:
    with pytest.raises(BadKey, match="chmod 600"):
        read_keys(written(tmp_path / "keys", new_line(1), mode))


def test_s14_a_missing_key_file_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="helpdesk-mcp keys generate"):
        read_keys(tmp_path / "nowhere")


def test_an_empty_directory_holds_no_key(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="no master key"):
        read_keys(tmp_path)


def test_a_wrapped_data_key_opens_for_its_tenant_alone() -> None:
    ring = parse_keys(new_line(1))
    data_key = new_key(1)
    wrapped = ring.wrap(1, "acme", data_key)
    assert ring.unwrap(1, "acme", 1, wrapped) == data_key
    for tenant, version in (("globex", 1), ("acme", 2)):
        with pytest.raises(Unreadable):
            ring.unwrap(1, tenant, version, wrapped)


def test_another_master_key_of_the_same_version_opens_nothing() -> None:
    ring, other = parse_keys(new_line(1)), parse_keys(new_line(1))
    with pytest.raises(Unreadable):
        other.unwrap(1, "acme", 1, ring.wrap(1, "acme", new_key(1)))
    assert ring.check(1) != other.check(1)
    assert len(ring.check(1)) == 8


def test_a_version_that_is_missing_is_named() -> None:
    with pytest.raises(BadKey, match="Version 2"):
        parse_keys(new_line(1)).wrap(2, "acme", new_key(1))


def test_an_empty_keyring_is_none() -> None:
    with pytest.raises(BadKey, match="no master key"):
        Keyring({})
