"""A tag says its dimension (级别-A类, not A类) and, where a library is kept, is one of it."""

from collections.abc import Sequence

from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Outcome, Severity
from crm_sheets.rules.base import Context, found
from crm_sheets.schema.base import Kind, Row
from crm_sheets.schema.tags import Library, dimension_of

SIMILAR = 60
"""From this score (of 100) on a tag is near enough to be offered."""

MOST_CHOICES = 8


def tags(row: Row, context: Context) -> Outcome:
    """Tells which tags lack their dimension, in one finding, and which the library does not have, one by one.

    Without a library every tag is allowed. Whoever types an alias is told what the library calls the tag.
    """
    library = Library.of(context.dictionaries)
    issues: list[Issue] = []
    for column in context.tabs[row.tab].staff_columns(Kind.TAGS):
        typed: tuple[str, ...] = getattr(row.record, column.key) or ()
        strange = [tag for tag in typed if library.entry(tag) is None]
        lacking = [tag for tag in strange if not dimension_of(tag)]
        if lacking:
            value = context.language.text("list.and").join(lacking)
            issues.append(found("tag-without-dimension", row, column.key, Severity.INFO, value=value))
        if library.entries:
            judged = (_judge(row, column.key, tag, library, context) for tag in typed if tag not in lacking)
            issues += [issue for issue in judged if issue is not None]
    return Outcome(tuple(issues))


def _judge(row: Row, column: str, tag: str, library: Library, context: Context) -> Issue | None:
    entry = library.entry(tag)
    if entry is None:
        return None if library.is_open(dimension_of(tag)) else _strange(row, column, tag, library, context)
    if not entry.active:
        return found("dictionary-value-retired", row, column, Severity.WARNING, value=tag)
    if text_key(entry.value) != text_key(tag):
        return found("tag-alias", row, column, Severity.INFO, value=tag, suggestion=entry.value)
    return None


def _strange(row: Row, column: str, tag: str, library: Library, context: Context) -> Issue:
    """A tag that the library does not have, with what it may have been meant for."""
    dimension = dimension_of(tag)
    near = nearest_tag(tag, library.tags)
    if near:
        return found("tag-unknown-similar", row, column, Severity.WARNING, value=tag, suggestion=near)
    if library.lists(dimension):
        same = [each for each in library.tags if text_key(dimension_of(each)) == text_key(dimension)]
        return found("tag-unknown", row, column, Severity.WARNING, value=tag, choices=_listed(same, context))
    choices = _listed(library.dimensions, context)
    return found("tag-dimension-unknown", row, column, Severity.WARNING, value=tag, choices=choices)


def _listed(texts: Sequence[str], context: Context) -> str:
    more = context.language.text("list.more") if len(texts) > MOST_CHOICES else ""
    return context.language.text("list.and").join(texts[:MOST_CHOICES]) + more


def nearest_tag(tag: str, known: Sequence[str]) -> str | None:
    """The tag that was probably meant; the first of equals. A shared dimension alone does not make two tags alike."""
    from rapidfuzz import fuzz, process

    best = process.extractOne(tag, known, scorer=fuzz.ratio, processor=text_key, score_cutoff=SIMILAR)
    return best[0] if best and _alike(tag, best[0]) else None


def _alike(one: str, other: str) -> bool:
    from rapidfuzz import fuzz

    values = [text_key(tag).removeprefix(text_key(dimension_of(tag))).lstrip("-") for tag in (one, other)]
    return fuzz.ratio(*values) >= SIMILAR
