"""Every rule has an example, in which it says something: an example that passes while its rule is silent is none."""

from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import isclass, signature
from itertools import product
from types import ModuleType
from typing import get_type_hints

import pytest

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules import DEFAULT_RULES
from crm_sheets.rules.base import Context, Rule
from crm_sheets.rules.own_conditions import OwnConditions
from crm_sheets.rules.own_defaults import own_defaults
from crm_sheets.rules.own_values import OwnValues
from crm_sheets.rules.sealed_values import sealed_values
from crm_sheets.schema.base import Row
from tests.rules.rule_examples import OF_RULES

RULES = {rule.__name__: rule.__module__ for of in DEFAULT_RULES for rule in of.rules} | {
    each.__name__: each.__module__ for each in (OwnConditions, OwnValues, own_defaults, sealed_values)
}
"""The rules of the tabs, and what a team's config adds; with the module of each."""


def silent(row: Row, context: Context) -> Outcome:
    return NOTHING


def silenced(module: ModuleType, home: str) -> Iterator[tuple[str, object]]:
    """What a test module knows of the rule in the module `home`, with what says nothing in its place."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", "") != home or not callable(value):
            continue
        if isclass(value):
            if "__call__" in vars(value):
                yield name, lambda *_, **__: silent
        elif list(signature(value).parameters) == ["row", "context"]:
            yield name, silent
        elif get_type_hints(value).get("return") == Rule:
            yield name, lambda *_, **__: silent


def calls(example: Callable[..., None]) -> Iterator[dict[str, object]]:
    """The arguments of each case of an example."""
    cases: list[list[dict[str, object]]] = [[{}]]
    for mark in getattr(example, "pytestmark", ()):
        told = mark.args[0]
        names = told.replace(",", " ").split() if isinstance(told, str) else list(told)
        values = [each if len(names) > 1 else (each,) for each in mark.args[1]]
        cases.append([dict(zip(names, each, strict=True)) for each in values])
    for chosen in product(*cases):
        yield {name: value for each in chosen for name, value in each.items()}


def play(example: Callable[..., None]) -> None:
    for arguments in calls(example):
        example(**arguments)


def test_every_rule_has_an_example() -> None:
    assert set(OF_RULES) == set(RULES), "name a test of each rule in rule_examples.py"


@pytest.mark.parametrize("rule", OF_RULES)
def test_an_example_fails_without_its_rule(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, _, name = OF_RULES[rule].partition("::")
    module = import_module(f"tests.rules.{place}")
    example = getattr(module, name)
    replaced = dict(silenced(module, RULES[rule]))
    assert replaced, f"{place} does not import {rule}"
    for known, instead in replaced.items():
        monkeypatch.setattr(module, known, instead)
    with pytest.raises((AssertionError, LookupError, ValueError)):
        play(example)
