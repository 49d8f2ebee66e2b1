"""The page about the benchmark says what its results say; they hold what was promised."""

from typing import Any

from benchmarks import plot, report, results

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
