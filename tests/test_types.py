"""Every public function and method states its types."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ssvae"
FILES = sorted(PACKAGE.rglob("*.py"))


def public_functions(tree):
    """Yield the public functions and methods of a module, and their names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and (
                    part.name == "__init__" or not part.name.startswith("_")
                ):
                    yield f"{node.name}.{part.name}", part


def untyped(function):
    """Return what a function leaves without a type: names of arguments, or "return"."""
    spec = function.args
    arguments = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    arguments += [each for each in (spec.vararg, spec.kwarg) if each]
    lacking = [
        each.arg
        for each in arguments
        if each.annotation is None and each.arg not in ("self", "cls")
    ]
    if function.returns is None and function.name != "__init__":
        lacking.append("return")
    return lacking


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_functions_have_types(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lacking = {name: untyped(function) for name, function in public_functions(tree)}
    assert not {name: parts for name, parts in lacking.items() if parts}
