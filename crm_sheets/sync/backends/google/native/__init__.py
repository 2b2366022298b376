"""What makes a Google spreadsheet a workbook of ours: tabs, looks, drop-downs, colours, protection, charts.

Pure builders: from the team's tabs, from what stands in the spreadsheet (`there.py`) and from who may edit what, to the
requests of `spreadsheets.batchUpdate` that are still lacking. Asked a second time they give none. What people added
stays: ours is known by its marks (`marks.py`), by fixed ids, or by where it points.
"""
