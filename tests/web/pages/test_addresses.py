"""Whom an attempt is counted by: the address behind trusted proxies, and no other claim."""

import pytest
from starlette.requests import Request

from helpdesk_mcp.web.pages.addresses import client_of


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("198.51.100.7",), "192.0.2.1"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("203.0.113.9, 198.51.100.7, 10.0.0.2",), "198.51.100.7"),
        ("10.0.0.1", ("203.0.113.9", "198.51.100.7"), "198.51.100.7"),
        ("10.0.0.1", ("rubbish",), "10.0.0.1"),
        ("::ffff:192.0.2.1", (), "192.0.2.1"),
        ("2001:db8:1:2:3::4", (), "2001:db8:1:2::/64"),
        ("unix", (), "unix"),
    ],
)
def test_an_address_is_believed_as_far_as_trusted_proxies_wrote_it(
    peer: str, forwarded: tuple[str, ...], counted: str
) -> None:
    assert client_of(request(peer, *forwarded), ("10.0.0.0/8",)) == counted
