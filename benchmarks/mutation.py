"""Breaks the code that decides about permissions, one small change at a time, and counts what the tests notice.

    python -m benchmarks.mutation [--sample N] [--seed S] [MODULE …]

With `--sample`, N mutants of each module, drawn by the seed.

Every mutant runs in a fork that has the libraries loaded already, so one costs about a second; where there is no fork
(Windows) it does not run. What survives is printed with its line, to be killed by a test or understood as equal.
"""

import ast
import copy
import importlib.abc
import importlib.machinery
import os
import resource
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from types import ModuleType

MODULES = ("permissions", "organisation", "whose", "reaches", "provenance", "tab_rights", "rights", "confirmations")
AROUND = (*MODULES, "conditions", "grounds", "config_rights", "approvals", "approval_flows", "merge")
"""What is imported anew for each mutant."""

QUICK = (
    "test_rights.py",
    "test_permissions.py",
    "test_example_policy.py",
    "test_provenance.py",
    "test_confirmations.py",
)
SLOW = ("test_rights_oracle.py",)
"""Asked only about what the quick tests let through."""

OWN_TESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "approvals": (("test_approvals.py",), ("test_approvals_machine.py",)),
    "approval_flows": (("test_approvals.py",), ("test_approvals_machine.py",)),
    "merge": (("test_merge.py",), ()),
    "involvement": (
        ("test_involvement.py", "../sync/test_conflicts_in_views.py"),
        ("../sync/test_approvals_in_views.py",),
    ),
    "concern": (("../sync/test_conflicts_in_views.py",), ("../app/test_views.py", "../sync/test_views_machine.py")),
    "views": (("test_person_eyes.py",), ("../sync/test_approvals_in_views.py", "../sync/test_lookups.py")),
}
"""The same of modules that have tests of their own."""

WIDELY_KNOWN = {"views", "involvement", "concern"}
"""Modules that the shell knows too: for these everything is imported anew."""

LONGEST = 60
"""Seconds of computing time after which a mutant that never ends counts as noticed."""

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
LEVELS = {"HIDDEN": "READ", "READ": "PROPOSE", "PROPOSE": "EDIT", "EDIT": "READ", "OWN": "ALL", "NONE": "OWN"}


def mutants(tree: ast.Module, drawn: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str, ast.Module]]:
    """Trees that differ in one of these places, each with the line and what was changed."""
    for place, way in drawn:
        changed = copy.deepcopy(tree)
        node = next(each for turn, each in enumerate(ast.walk(changed)) if turn == place)
        said = _change(node, way)
        yield getattr(node, "lineno", 0), said, ast.fix_missing_locations(changed)


def places(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Where something can be changed, counted as ast.walk goes, and in which way. Whether a class is frozen is none of
    what is decided."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    aside = {id(part) for node in classes for each in node.decorator_list for part in ast.walk(each)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in aside:
            continue
        yield from ((place, way) for way in range(2) if _change(copy.copy(node), way))


def _change(node: ast.AST, way: int) -> str:
    match node:
        case ast.Compare(ops=[op]) if way == 0 and type(op) in COMPARISONS:
            node.ops = [COMPARISONS[type(op)]()]
            return f"{type(op).__name__} -> {type(node.ops[0]).__name__}"
        case ast.BoolOp() if way == 0:
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return "and <-> or"
        case ast.BoolOp() if len(node.values) == 2:
            node.values = [node.values[1], node.values[1]]
            return "left side dropped"
        case ast.UnaryOp(op=ast.Not()) if way == 0:
            node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
            return "not dropped"
        case ast.Call(func=ast.Name(id=name)) if way == 0 and name in CALLS:
            node.func = ast.Name(CALLS[name], ast.Load())
            return f"{name} -> {CALLS[name]}"
        case ast.Attribute(value=ast.Name(id="Level" | "Extent"), attr=name) if way == 0 and name in LEVELS:
            node.attr = LEVELS[name]
            return f"{name} -> {LEVELS[name]}"
        case ast.Constant(value=bool(value)) if way == 0:
            node.value = not value
            return f"{value} -> {not value}"
        case ast.BinOp(op=ast.BitAnd() | ast.Sub() | ast.BitOr()) if way == 0:
            old = type(node.op).__name__
            node.op = ast.BitOr() if not isinstance(node.op, ast.BitOr) else ast.BitAnd()
            return f"{old} -> {type(node.op).__name__}"
        case ast.IfExp() if way == 0:
            node.body, node.orelse = node.orelse, node.body
            return "if and else swapped"
        case ast.If() if way == 0:
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "if turned round"
        case ast.comprehension(ifs=[_, *_]) if way == 0:
            node.ifs = []
            return "filter dropped"
    return ""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a tree."""

    def __init__(self, name: str, tree: ast.Module, file: Path) -> None:
        self.name, self.code = name, compile(tree, str(file), "exec")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # the mutant itself


def survives(name: str, tree: ast.Module, file: Path, tests: Sequence[str]) -> bool:
    """Whether the tests pass all the same."""
    if not tests:
        return True
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
        os._exit(_run(name, tree, file, tests))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _run(name: str, tree: ast.Module, file: Path, tests: Sequence[str]) -> int:
    import pytest

    for known in list(sys.modules):
        ours = known.startswith(("crm_sheets", "tests."))
        around = known.startswith("tests.core") or known.removeprefix("crm_sheets.") in AROUND
        if around or (ours and name.removeprefix("crm_sheets.") in WIDELY_KNOWN):
            del sys.modules[known]
    try:
        sys.meta_path.insert(0, _Finder(name, tree, file))
        folder = file.parents[1] / "tests" / "core"
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
            return int(pytest.main([*options, *(str(folder / test) for test in tests)]))
    except BaseException:  # a mutant that cannot even be imported is noticed
        return 1


def main(given: Sequence[str]) -> None:
    import hypothesis
    import pytest

    import crm_sheets.config
    import tests.rules.tables

    assert hypothesis, pytest
    assert crm_sheets.config, tests.rules.tables
    options = ArgumentParser(description=__doc__)
    options.add_argument("modules", nargs="*", metavar="MODULE")
    options.add_argument("--sample", type=int, default=0, help="so many mutants of each module; 0: all of them")
    options.add_argument("--seed", type=int, default=1)
    wanted = options.parse_args(given)
    root = Path(crm_sheets.config.__file__).parent
    for module in wanted.modules or MODULES:
        print(f"# {module}: {judged(root / f'{module}.py', wanted.sample, wanted.seed)}", flush=True)


def judged(file: Path, sample: int, seed: int) -> str:
    """How many mutants of a module are noticed, in words; those that are not are printed as they are found."""
    tree, name = ast.parse(file.read_text(encoding="utf-8")), f"crm_sheets.{file.stem}"
    quick, slow = OWN_TESTS.get(file.stem, (QUICK, SLOW))
    if not survives(name, tree, file, (*quick, *slow)):
        raise SystemExit(f"the tests fail without any change to {file.name}: mend them first")
    there = list(places(tree))
    drawn = sorted(Random(seed).sample(there, sample)) if 0 < sample < len(there) else there
    lived = 0
    for line, said, mutant in mutants(tree, drawn):
        if survives(name, mutant, file, quick) and survives(name, mutant, file, slow):
            lived += 1
            print(f"{file.name}:{line}: {said}", flush=True)
    return f"{len(drawn) - lived} of {len(drawn)} noticed ({len(there)} in all)"


if __name__ == "__main__":
    main(sys.argv[1:])
