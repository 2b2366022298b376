"""What the records suggest: methods over arrays, none of which knows a tab, a sheet or a language.

A prediction is published only when it was better than the plain answer on a period that it had not seen; otherwise it
says so. scikit-learn, statsmodels and scipy come with the extra `[insights]`; what needs none of them works without.
"""
