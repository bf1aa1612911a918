"""What kernels may do that count no references to arrays: the compiler does not always refuse, and then they crash."""

import ast
from pathlib import Path

import dedup

KERNELS = Path(dedup.__file__).parent / "kernels"
MAKES = {
    "empty",
    "zeros",
    "full",
    "ones",
    "arange",
    "array",
    "copy",
    "concatenate",
    "where",
    "append",
    "sort",
    "argsort",
}


def functions(*decorators: str) -> list[ast.FunctionDef]:
    """The kernels so decorated."""
    nodes = (node for path in sorted(KERNELS.glob("*.py")) for node in ast.parse(path.read_text()).body)
    return [
        node
        for node in nodes
        if isinstance(node, ast.FunctionDef) and any(getattr(d, "id", "") in decorators for d in node.decorator_list)
    ]


def makes_arrays(function: ast.FunctionDef) -> bool:
    """Whether a kernel calls what makes an array, has a list, or copies a part of an array to another at once."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MAKES:
            return True
        if isinstance(node, ast.List | ast.ListComp | ast.Dict | ast.Set):
            return True
        if isinstance(node, ast.Assign) and _is_part(node.value) and any(map(_is_part, node.targets)):
            return True
    return False


def _is_part(node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and any(isinstance(inside, ast.Slice) for inside in ast.walk(node.slice))


def returns_a_part(function: ast.FunctionDef) -> bool:
    """Whether a kernel returns a part of an array."""
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
    return any(isinstance(inside, ast.Slice) for value in returned for inside in ast.walk(value))


def calls(function: ast.FunctionDef) -> set[str]:
    """Names of the functions that a kernel calls."""
    return {n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def test_kernels__those_that_count_no_references_make_no_arrays():
    assert not [function.name for function in functions("kernel", "inner") if makes_arrays(function)]
    assert [function.name for function in functions("allocating") if not makes_arrays(function)] == []


def test_kernels__those_that_count_references_are_given_no_part_of_an_array_by_those_that_do_not():
    returning = {function.name for function in functions("kernel", "inner") if returns_a_part(function)}
    assert returning == {"_part", "part", "profile"}
    assert not set().union(*map(calls, functions("allocating"))) & returning
