"""Strict JSON: what is refused, with which code, and how much time a hostile body may take."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk_mcp.web.strict_json import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    BadJson,
    Json,
    is_storable,
    parse,
)

MIB = 1_048_576


def refusal(body: bytes) -> int:
    with pytest.raises(BadJson) as refused:
        parse(body)
    assert str(refused.value) == refused.value.message
    return refused.value.code


storable_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | storable_text,
    lambda inner: st.lists(inner) | st.dictionaries(storable_text, inner),
    max_leaves=30,
)


@given(documents)
def test_what_json_writes_is_read_back_the_same(document: Json) -> None:
    assert parse(json.dumps(document).encode()) == document
    assert parse(json.dumps(document, ensure_ascii=False, indent=1).encode()) == document


@given(st.binary() | st.text(alphabet='[]{},:"\\ua01 ').map(str.encode))
def test_any_bytes_are_read_as_json_reads_them_or_refused(body: bytes) -> None:
    code, document = outcome(body)
    assert code in {None, PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS}
    if code is None:
        assert json.loads(body.decode("utf-8-sig")) == document


@given(st.recursive(st.just([]), st.lists, max_leaves=20))
def test_the_quick_look_at_depth_decides_as_a_walk_would(document: Json) -> None:
    code, _ = outcome(json.dumps(document).encode(), max_depth=3)
    assert code == (INVALID_REQUEST if depth(document) > 3 else None)


def outcome(body: bytes, max_depth: int = 64) -> tuple[int | None, Json]:
    try:
        return None, parse(body, max_depth=max_depth)
    except BadJson as refused:
        return refused.code, None


def depth(document: Json) -> int:
    if isinstance(document, dict):
        return 1 + max((depth(value) for value in document.values()), default=0)
    if isinstance(document, list):
        return 1 + max((depth(value) for value in document), default=0)
    return 0


def test_m12_sixty_four_levels_are_read_and_sixty_five_are_refused() -> None:
    assert depth(parse(b"[" * 64 + b"]" * 64)) == 64
    assert refusal(b"[" * 65 + b"]" * 65) == INVALID_REQUEST
    assert refusal(b'{"a":' * 65 + b"1" + b"}" * 65) == INVALID_REQUEST


def test_m12_brackets_inside_texts_are_not_levels() -> None:
    text = '[{"\\' * 100
    assert parse(json.dumps([text]).encode()) == [text]


def test_m12_many_values_side_by_side_are_read() -> None:
    assert parse(b"[" + b"[]," * 5_000 + b"[]]") == [[]] * 5_001


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="100k levels"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100k levels closed"),
        pytest.param(b"]" * MIB, id="1 MiB of closings"),
        pytest.param(
            b"{" + b",".join(b'"%d":1' % number for number in range(100_000)) + b"}", id="100k keys"
        ),
        pytest.param(b"[" + b"1," * 999_999 + b"1]", id="a million elements"),
        pytest.param(b'["' + b'","' * 349_000 + b'"]', id="350k texts"),
        pytest.param(b"[" * 65 + b'"' + b'\\"' * 500_000, id="an endless text of quotes"),
        pytest.param(b"[" * 65 + b"\\" * MIB, id="1 MiB of backslashes"),
        pytest.param(b"[" + b"9" * MIB + b"]", id="1 MiB of digits"),
        pytest.param((b"[" * 60 + b"]" * 60 + b",") * 8_000, id="many deep towers"),
        pytest.param(b" " * MIB, id="1 MiB of blanks"),
    ],
)
def test_m12_hostile_bodies_are_refused_in_little_time(body: bytes) -> None:
    started = time.thread_time()
    assert refusal(body) in {PARSE_ERROR, INVALID_REQUEST}
    assert time.thread_time() - started < 0.05


@pytest.mark.parametrize(
    "body",
    [
        b'{"method":"a","method":"b"}',
        b'{"params":{"name":"a","name":"a"}}',
        b'{"params":{"arguments":{"x":{"y":1,"y":2}}}}',
        b'[{"a":1,"\\u0061":2}]',
    ],
)
def test_m13_a_name_twice_in_one_object_is_refused(body: bytes) -> None:
    assert refusal(body) == INVALID_REQUEST


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"{}x",
        b"{'a':1}",
        b'{"a":1,}',
        b"[01]",
        b"[+1]",
        b"[.5]",
        b"[1.]",
        b"nul",
        b'["\n"]',
        b'["\x00"]',
        b'["\\x41"]',
        b'["\\ud8"]',
        b"// no\n{}",
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"\xc2\xa0{}",
    ],
)
def test_m14_what_is_not_json_in_utf8_is_a_parse_error(body: bytes) -> None:
    assert refusal(body) == PARSE_ERROR


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
def test_m14_numbers_that_are_not_finite_are_a_parse_error(word: bytes) -> None:
    assert refusal(b'{"a":[' + word + b"]}") == PARSE_ERROR


def test_m14_numbers_of_absurd_length_are_a_parse_error() -> None:
    assert refusal(b"9" * 5_000) == PARSE_ERROR
    assert refusal(b"0." + b"1" * 5_000) == PARSE_ERROR
    assert parse(b"9" * 100) == 10**100 - 1


def test_m14_one_byte_order_mark_is_ignored() -> None:
    assert parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize("text", [b"\\u0000", b"\\ud800", b"\\uDFFF", b"\\udc00\\ud800"])
def test_m14_a_nul_or_half_a_pair_is_told_apart_and_leaves_the_document(text: bytes) -> None:
    for body in (b'{"id":1,"a":["%s"]}' % text, b'{"id":1,"%s":[]}' % text):
        with pytest.raises(BadJson) as refused:
            parse(body)
        assert refused.value.code == INVALID_PARAMS
        assert isinstance(refused.value.document, dict)
        assert refused.value.document["id"] == 1


def test_m14_what_only_looks_like_a_nul_or_half_a_pair_is_read() -> None:
    assert parse(b'["\\\\u0000","\\ud83d\\ude00","\\\\ud800"]') == ["\\u0000", "😀", "\\ud800"]


def test_a_message_repeats_nothing_of_the_body() -> None:
    with pytest.raises(BadJson) as refused:
        parse(b'{"password":"hunter2" oops}')
    assert refused.value.message == "The body is not valid JSON (at character 22)."
    assert refused.value.__cause__ is None


@given(documents)
def test_a_document_of_ordinary_texts_is_storable(document: Json) -> None:
    assert is_storable(document)
    assert not is_storable([document, {"a": "\0"}])
