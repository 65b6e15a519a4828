"""Imports: many records out of one table, seen before anything is written, and written at once.

Glossary
--------
import 导入              a declaration: columns, rules, what becomes of the rows (``ImportSpec``)
template 模板            the workbook that people fill in; failed rows come back in the same one
table 表                one of several kinds of rows in a file, each on sheets of its own
shape 形式              an import for what was chosen at the upload, such as a month
marks 标记              what the hidden sheet of a template says it was made for
remark 提示             what is told of a cell without keeping its row from being imported
batch 批次               one uploaded file on its way: checked, confirmed, written
preview 预检             what checking found: counts, first rows, every error by sheet, row, column and value
confirmation 确认         the moment from which on something is written: all rows, or the valid ones
failed rows 未通过的行     come back with a column of reasons, to be corrected and uploaded again
"""

from __future__ import annotations

from app.infra.imports.spec import Choice, ImportColumn, ImportRow, ImportSpec

__all__ = ["Choice", "ImportColumn", "ImportRow", "ImportSpec"]
