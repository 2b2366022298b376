"""Sealed values and their keys: reveal, keys."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RevealReport:
    """`reveal`: the text of one sealed cell; `person` is for whom it was asked."""

    row: str
    column: str
    text: str
    person: str


@dataclass(frozen=True, slots=True)
class KeyReport:
    """`keys new`: the key, or where it was put."""

    key: str
    kept: str


@dataclass(frozen=True, slots=True)
class RotationReport:
    """`keys rotate`: the id of the key that is in use now, and how much was encrypted anew under it."""

    key: str
    values: int
    files: int


@dataclass(frozen=True, slots=True)
class SealingReport:
    """How sealed columns are kept.

    Attributes:
        key: id of the key in use; "" without one.
        sealed: texts that are kept encrypted, older ones too.
        plain: values of sealed columns that are kept as they were typed.
        keys: under how many keys.
    """

    key: str
    sealed: int
    plain: int
    keys: int
