"""Reports as tables and sentences for people. Every word comes from the catalogue `cli`."""

from crm_sheets.cli.render import (  # each registers its reports
    access,
    approvals,
    conflicts,
    cycles,
    exchange,
    imports,
    mail,
    mailings,
    past,
    records,
    robots,
    sealing,
    views,
    workbook,
)
from crm_sheets.cli.render.dispatch import parts

__all__ = [
    "access",
    "approvals",
    "conflicts",
    "cycles",
    "exchange",
    "imports",
    "mail",
    "mailings",
    "parts",
    "past",
    "records",
    "robots",
    "sealing",
    "views",
    "workbook",
]
