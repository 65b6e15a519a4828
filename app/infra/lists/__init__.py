"""Declared lists: one description serves the page, its export, its looked-up choices and its batches.

list 列表          rows that an actor may see, cut from one scoped select
column 列          a value of each row, chosen, sorted and exported by its key
filter 查询条件    a condition in the address, so that a query can be kept and shared
cursor 翻页标记    the row beyond which a page begins; pages are found by key, never by offset
lookup 名称        a name of another table, joined after the page is cut
chart 图表         the numbers of a page's rows, drawn; the table stays below (``charting``)
batch 批量操作     an action on ticked or all filtered rows, with a line for each
"""

from __future__ import annotations

from app.infra.lists.asked import Asked, address, ask
from app.infra.lists.charting import Chart
from app.infra.lists.export import rows_of
from app.infra.lists.from_model import spec_for_model
from app.infra.lists.page import ListPage, list_page, render_list
from app.infra.lists.post import run_action
from app.infra.lists.registry import list_named, register_list
from app.infra.lists.remote import answer_choices, choices
from app.infra.lists.spec import Action, Choice, Column, Filter, ListSpec, Lookup, Remote
from app.infra.lists.walk import keys_in_order

__all__ = [
    "Action",
    "Asked",
    "Chart",
    "Choice",
    "Column",
    "Filter",
    "ListPage",
    "ListSpec",
    "Lookup",
    "Remote",
    "address",
    "answer_choices",
    "ask",
    "choices",
    "keys_in_order",
    "list_named",
    "list_page",
    "register_list",
    "render_list",
    "rows_of",
    "run_action",
    "spec_for_model",
]
