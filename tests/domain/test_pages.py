"""Pages and the opaque cursors that lead from one to the next."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.domain.errors import Invalid
from helpdesk_mcp.domain.pages import Page, cursor_at, footer, start_of


@given(st.integers(min_value=0, max_value=999_999_999))
def test_a_cursor_leads_back_to_where_it_was_made(start: int) -> None:
    assert start_of(cursor_at(start)) == start


@given(st.text(max_size=40))
def test_only_our_own_cursors_are_taken(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert cursor_at(start_of(text)) == text


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "o20",
        "ñ",
        "\x00",
        "bzIw=",
        "bz!Iw",
        base64.urlsafe_b64encode(b"o007").decode().rstrip("="),
        base64.urlsafe_b64encode(b"o-1").decode().rstrip("="),
        base64.urlsafe_b64encode(b"o1e3").decode().rstrip("="),
        base64.urlsafe_b64encode(b"x20").decode().rstrip("="),
        cursor_at(1_000_000_000),
        "A" * 100,
    ],
)
def test_a_foreign_cursor_is_refused_without_repeating_it(foreign: str) -> None:
    with pytest.raises(Invalid) as caught:
        start_of(foreign)
    assert caught.value.message == "This cursor is not one of ours; start again without it."


def test_a_footer_has_a_cursor_exactly_when_there_is_more() -> None:
    more = footer(Page(items=("a", "b"), start=4, total=9, more=True))
    assert more == {"shown": 2, "total": 9, "next_cursor": cursor_at(6), "start": 4}
    last = footer(Page(items=("a",), start=8, total=9))
    assert last == {"shown": 1, "total": 9, "next_cursor": None, "start": 8}
