"""The kinds of requests of spreadsheets.batchUpdate: one module per family, one function per kind.

A handler gets the batch and the body of its request, in canonical form, and gives the body of its reply, or None for
an empty one. What Google refuses is raised as `Refused`. It may change the book freely: rows, columns, cells and
objects that hang on sheets are replaced, never changed in place, so that a batch that fails leaves nothing behind.
A new family is a module with HANDLERS and a line in `FAMILIES`.
"""

from crm_sheets.google_emulator.requests import (
    banding,
    book_properties,
    borders,
    cells,
    charts,
    cleaning,
    conditional_formats,
    copying_sheets,
    developer_metadata,
    dimensions,
    filling,
    filters,
    finding,
    groups,
    merging,
    named_ranges,
    pasting,
    positions,
    protecting,
    sheets,
    shifting_cells,
    sizes,
    slicers,
    sorting,
    table_features,
    validation,
)
from crm_sheets.google_emulator.requests.batch import Handler

FAMILIES: tuple[dict[str, Handler], ...] = (
    sheets.HANDLERS,
    cells.HANDLERS,
    developer_metadata.HANDLERS,
    protecting.HANDLERS,
    validation.HANDLERS,
    conditional_formats.HANDLERS,
    filters.HANDLERS,
    charts.HANDLERS,
    slicers.HANDLERS,
    positions.HANDLERS,
    table_features.HANDLERS,
    banding.HANDLERS,
    merging.HANDLERS,
    groups.HANDLERS,
    sizes.HANDLERS,
    borders.HANDLERS,
    cleaning.HANDLERS,
    dimensions.HANDLERS,
    shifting_cells.HANDLERS,
    sorting.HANDLERS,
    pasting.HANDLERS,
    filling.HANDLERS,
    finding.HANDLERS,
    named_ranges.HANDLERS,
    book_properties.HANDLERS,
    copying_sheets.HANDLERS,
)

HANDLERS: dict[str, Handler] = {kind: handler for family in FAMILIES for kind, handler in family.items()}
"""By the name of the request in the message Request."""
