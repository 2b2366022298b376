"""`python -m crm_sheets`."""

from crm_sheets.cli import main

main()
