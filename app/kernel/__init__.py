"""Pure Python that every domain stands on: no Flask, no database, no clock of its own.

Glossary
    actor 操作者        who acts, from a page, the API, a job or the command line
    workflow 流程       a declared table of states and verbs that a record moves along
    transition 步骤     one edge of a workflow
    period 报告期       a month, quarter or year, counted in Asia/Shanghai
    problem 问题        one thing wrong with an input, with the field it belongs to
"""
