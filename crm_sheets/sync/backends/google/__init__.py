"""Google spreadsheets."""
