"""The line budget: a module and a function small enough to be read at once."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parents[2] / "src"
MODULES: Final = tuple(sorted(SOURCE.rglob("*.py")))
MOST_LINES: Final = 300
MOST_LINES_OF_A_FUNCTION: Final = 40

each_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: str(path.relative_to(SOURCE))
)


def functions(tree: ast.Module) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def is_tool(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell a tool, whose parameters are its schema and count for none of its length."""
    called = (d.func for d in function.decorator_list if isinstance(d, ast.Call))
    return any(isinstance(name, ast.Name) and name.id == "operation" for name in called)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring: words are not code."""
    first = function.body[0].lineno if is_tool(function) else function.lineno
    return (function.end_lineno or first) - first + 1 - docstring_lines(function)


def docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(function) is None:
        return 0
    return (function.body[0].end_lineno or 0) - function.body[0].lineno + 1


@each_module
def test_a_module_has_at_most_three_hundred_lines(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= MOST_LINES


@each_module
def test_a_function_has_at_most_forty_lines(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    long = {f.name: length(f) for f in functions(tree) if length(f) > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


@each_module
def test_a_module_begins_with_one_sentence_that_captions_it(module: Path) -> None:
    caption = (ast.get_docstring(ast.parse(module.read_text("utf-8"))) or "").splitlines()[:1]
    assert caption, "line 1 is a docstring"
    assert module.read_text("utf-8").startswith('"""')


def test_the_whole_is_mostly_small_functions() -> None:
    sizes = sorted(
        length(function)
        for module in MODULES
        for function in functions(ast.parse(module.read_text("utf-8")))
    )
    assert sizes[len(sizes) // 2] <= 10
    assert sizes[len(sizes) * 95 // 100] <= 30
