"""The column 合并到: staff say of a customer that it is another one."""

from crm_sheets.changes import NOTHING, Outcome
from crm_sheets.rules.base import Book, Context, found, record_of
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.schema.base import Row
from crm_sheets.schema.customers import Customer


def names_back(row: Row, other: Row, book: Book) -> bool:
    """Whether the customer into which a row is to be merged is to be merged into that row: nobody said which stays."""
    wanted = record_of(other, Customer).merge_into
    return bool(wanted) and [each.key for each in book.named(CUSTOMERS, wanted or "")] == [row.key]


def merge_decisions(row: Row, context: Context) -> Outcome:
    """Says why a customer is not merged as its row asks; a merge that is possible is carried out before rules run."""
    wanted = record_of(row, Customer).merge_into
    named = context.book.named(CUSTOMERS, wanted) if wanted else ()
    if not wanted or len(named) != 1:
        return NOTHING
    if named[0].key == row.key:
        return Outcome((found("merge-into-itself", row, "merge_into", value=wanted),))
    if names_back(row, named[0], context.book):
        return Outcome((found("merge-both-ways", row, "merge_into", value=wanted),))
    if row.unreadable:
        return Outcome((found("merge-unreadable", row, "merge_into", value=wanted),))
    return NOTHING
