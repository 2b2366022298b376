"""Taking rows of other files in: a mapping says which column becomes which, all is checked before anything is written.

What is refused and what is only flagged (docs/operator.md, "Importing"): a row stays out when a cell of it cannot be
read as what its column holds, when its name or another column that it is known by is blank, or when it does not say
which customer it belongs to. Everything else that a rule finds comes in and stands in the 检查 column.
"""
