"""The page about the benchmark says what its results say; they hold what was promised."""

from typing import Any

from benchmarks import authorization_report, path_report, plot, report, results

PROMISED = (
    "guarded_call_cpu_us",
    "sdk_echo_cpu_us",
    "fastmcp_echo_cpu_us",
    "starlette_echo_cpu_us",
    "tools_list_cpu_us",
)


def test_the_page_and_the_plot_are_the_results_and_nothing_else() -> None:
    document = results.load()
    assert report.PLACE.read_text("utf-8") == report.page(document)
    assert plot.PLACE.read_text("utf-8") == plot.svg(document)


def test_the_page_about_the_authorization_server_is_its_results_and_nothing_else() -> None:
    made = authorization_report.page(
        authorization_report.load(authorization_report.REFRESH),
        authorization_report.load(authorization_report.SIGN_IN),
    )
    assert authorization_report.PLACE.read_text("utf-8") == made


def test_the_results_name_every_promised_median_with_its_machine_and_versions() -> None:
    document = results.load()
    assert all(document[name] > 0 for name in PROMISED)
    assert {"cpu", "cores", "python"} <= document["machine"].keys()
    assert {"helpdesk-mcp", "mcp", "fastmcp", "starlette"} <= document["versions"].keys()


def test_medians_and_ratios_agree_with_the_rows() -> None:
    document = results.load()
    rows: dict[str, Any] = {row["name"]: row for row in document["rows"]}
    medians: dict[str, float] = {f"{name}_cpu_us": row["cpu_us"] for name, row in rows.items()}
    assert medians.items() <= document.items()
    assert document["ratios"] == results.ratios(medians)


def test_a_ratio_above_its_target_is_said_to_be_missed() -> None:
    slow = results.load()
    slow["ratios"] = dict.fromkeys(results.TARGETS, 99.0)
    assert report.page(slow).count("**not met**") >= len(results.TARGETS)


def test_the_section_about_the_whole_path_is_its_results_and_nothing_else() -> None:
    kept = path_report.PLACE.read_text("utf-8")
    rest, found, _ = kept.partition(f"\n{path_report.HEADING}")
    assert kept == path_report.page(rest)
    assert bool(found) == path_report.RESULT.exists()


def test_the_section_tells_each_call_with_its_exchanges_and_what_it_adds() -> None:
    one, two = {"p50_ms": 1.0, "p99_ms": 2.0}, {"p50_ms": 3.0, "p99_ms": 5.0}
    row = {"edition": "cloud", "tool": "get_ticket", "exchanges": ["GET /a", "GET /b"]}
    document = {
        "rows": [row | {"whole": {"p50_ms": 4.0, "p99_ms": 10.0}, "direct": one, "same": two}],
        "rounds": {"get_ticket": 1},
        "warm_up": 1,
        "machine": {"cpu": "", "cores": 2, "python": "", "system": ""},
        "versions": {},
    }
    lines = path_report.section(document).splitlines()
    start = "| Cloud | `get_ticket` |"
    assert f"{start} through helpdesk-mcp | 2 | 4.00 | 10.00 |" in lines
    assert f"{start} direct, one exchange | +3.00 | 4.0 | +8.00 | 5.0 |" in lines
    assert f"{start} direct, the same exchanges | +1.00 | 1.3 | +5.00 | 2.0 |" in lines
    assert "- Cloud, `get_ticket`: `GET /a`, `GET /b`" in lines
