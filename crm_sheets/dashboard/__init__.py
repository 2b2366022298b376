"""The summaries as one page of HTML: no server, no script, nothing fetched from anywhere."""
