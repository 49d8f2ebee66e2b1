"""Results as compact text."""

from helpdesk_mcp.pipeline.rendering import render


def same(text: str) -> str:
    return text


def test_a_list_is_a_table_with_its_footer_apart() -> None:
    body, footer = render(
        {
            "shown": 2,
            "total": 9,
            "next_cursor": "bzI",
            "tickets": [
                {"id": "1", "subject": "a | b", "on_hold": True},
                {"id": "2", "subject": "c", "due": None, "custom": {"x": 1, "y": [1, 2]}},
            ],
        },
        same,
    )
    assert body.splitlines() == [
        "id | subject | on_hold | due | custom",
        "1 | a / b | yes |  | ",
        "2 | c |  |  | x=1, y=1, 2",
    ]
    assert footer == "2 of 9 tickets shown. More: cursor=bzI"


def test_an_empty_list_says_that_there_is_no_more() -> None:
    _, footer = render({"shown": 0, "total": 0, "tickets": []}, same)
    assert footer == "0 of 0 tickets shown. No more."


def test_a_list_without_a_total_and_with_a_cut_says_both() -> None:
    _, footer = render({"shown": 1, "cut": "2 of 3 left out.", "things": [{"id": "1"}]}, same)
    assert footer == "1 things shown. 2 of 3 left out. No more."


def test_a_list_of_nothing_named_is_of_items() -> None:
    assert render({"shown": 0}, same)[1] == "0 items shown. No more."


def test_one_thing_is_lines_with_long_text_last() -> None:
    body, footer = render(
        {"id": "1", "description": "two\nlines", "on_hold": False, "tags": ["a", "b"]}, same
    )
    assert body == "id: 1\non_hold: no\ntags: a, b\ndescription:\ntwo\nlines"
    assert footer == ""


def test_items_with_long_text_are_parts_of_their_own() -> None:
    body, _ = render({"shown": 1, "comments": [{"id": "1", "body": "two\nlines"}]}, same)
    assert body == "--- comment\nid: 1\nbody:\ntwo\nlines"


def test_a_fenced_text_is_shown_bare() -> None:
    def bare(text: str) -> str:
        return "inside" if text == "<fence>inside</fence>" else text

    body, _ = render({"id": "1", "body": "<fence>inside</fence>"}, bare)
    assert body == "id: 1\nbody:\ninside"
