"""A small evaluator: references, arithmetic, comparison, text, and the functions that people use most.

Whatever it does not know is #NAME?, as Google shows it for a function that does not exist.
"""
