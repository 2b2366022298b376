"""Field masks: of answers (the parameter `fields`) and of updates (`fields` in a request).

Syntax: names divided by commas, paths by dots or slashes, several of one message in parentheses, "*" for all.
https://developers.google.com/sheets/api/guides/field-masks
"""

import re
from typing import TypeAlias

from crm_sheets.google_emulator.checking import json_name
from crm_sheets.google_emulator.discovery import Document, fields_of
from crm_sheets.google_emulator.json_values import Json, Object, part
from crm_sheets.google_emulator.refusals import GoogleError, Refused, Violation, bad_request

Tree: TypeAlias = "dict[str, Tree]"
"""Wanted names; an empty one below a name means all of it."""

NO_FIELD = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"


def answer_mask(document: Document, schema: str, fields: str) -> Tree:
    """The mask of an answer.

    Raises:
        GoogleError: 400, naming the first path that the message does not have.
    """
    try:
        tree = parse(fields)
    except Refused:
        tree = {fields: {}}
    wrong = _first_unknown(document, document.fields(schema), tree, "")
    if wrong is not None:
        raise unknown_path(wrong)
    return tree


def unknown_path(path: str) -> GoogleError:
    """The refusal of a mask that names what is not there."""
    description = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    return bad_request("Request contains an invalid argument.", [Violation(path, description)])


def update_mask(document: Document, schema: str, fields: str) -> Tree:
    """The mask of an update.

    Raises:
        Refused: empty, or naming what the message does not have.
    """
    if not fields.strip():
        raise Refused(NO_FIELD)
    tree = parse(fields)
    wrong = _first_unknown(document, document.fields(schema), tree, "")
    if wrong is not None:
        raise Refused(f"Invalid field: {proto_path(wrong)}")
    return tree


def proto_path(path: str) -> str:
    """A path of a mask with the names that Google's messages use."""
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), path)


def parse(fields: str) -> Tree:
    """A mask as a tree.

    Raises:
        Refused: parentheses that do not match, or a name that is none.
    """
    tree: Tree = {}
    position = _list(re.findall(r"[,()]|[^,()]+", fields), 0, tree)
    if position >= 0:
        raise Refused(f"Invalid field mask: {fields}")
    return tree


def _list(pieces: list[str], position: int, tree: Tree) -> int:
    """Reads a list into `tree`; the position of its closing parenthesis, -1 at the end of the pieces."""
    leaf = tree
    while position < len(pieces):
        piece = pieces[position]
        if piece == ")":
            return position
        if piece == "(":
            position = _list(pieces, position + 1, leaf)
            if position < 0:
                raise Refused("Invalid field mask")
        elif piece != ",":
            leaf = _descend(tree, piece)
        position += 1
    return -1


def _descend(tree: Tree, path: str) -> Tree:
    for name in re.split(r"[./]", path):
        tree = tree.setdefault(json_name(name), {})
    return tree


def _first_unknown(document: Document, fields: Object, tree: Tree, path: str) -> str | None:
    for name, below in tree.items():
        here = f"{path}.{name}" if path else name
        if name != "*" and name not in fields:
            return here
        wrong = _first_unknown(document, fields_of(document, part(fields, name)), below, here) if below else None
        if wrong is not None:
            return wrong
    return None


def wants(tree: Tree, path: str) -> bool:
    """Whether a mask takes any of what lies at a dotted path."""
    for name in path.split("."):
        if not tree or "*" in tree:
            return True
        if name not in tree:
            return False
        tree = tree[name]
    return True


def below(tree: Tree, path: str) -> Tree:
    """The part of a mask under a dotted path; empty (all) when the mask takes all of it."""
    for name in path.split("."):
        if "*" in tree:
            return {}
        tree = tree.get(name, {})
    return tree


def masked(value: Json, tree: Tree) -> Json:
    """Only what a mask takes."""
    if not tree or "*" in tree:
        return value
    if isinstance(value, list):
        return [masked(entry, tree) for entry in value]
    if isinstance(value, dict):
        return {key: masked(entry, tree[key]) for key, entry in value.items() if key in tree}
    return value


def updated(target: Object, source: Object, tree: Tree) -> Object:
    """The target with the fields that the mask names taken from the source; those missing there are cleared."""
    if "*" in tree or not tree:
        return dict(source)
    found = dict(target)
    for name, inner in tree.items():
        value: Json = source.get(name)
        if inner:
            value = updated(part(target, name), part(source, name), inner) or None
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found
