"""A made-up team and its workbook, for `crm-sheets demo` and for tests: another seed, other names."""

from crm_sheets.demo.generator import DemoBook, Planted, generate

__all__ = ["DemoBook", "Planted", "generate"]
