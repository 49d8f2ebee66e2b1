"""The page of hostile cases is complete and agrees with the tests."""

from tests.hostile.cases import PAGE, page, unnamed


def test_every_case_has_a_test_of_its_name() -> None:
    assert unnamed() == set()


def test_the_page_of_hostile_cases_agrees_with_the_tests() -> None:
    assert PAGE.read_text("utf-8") == page(), "run scripts/cases"
