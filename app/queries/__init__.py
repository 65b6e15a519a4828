"""The standard queries of bureaus over the reports of a territory, and the analysis of one enterprise.

Each query is a declared list of at most 60 lines; what several of them share stands in modules of its own.

Glossary
    query 查询               a declared list that answers one standing question
    detail query 明细查询     a line for each report with its figures as they were filed
    product 产品             a row of 主要产品产销存: production, sales and closing stock of a month
    source 数据来源          how a report came in: online, own import, batch import or API
    year 年度               the months of a calendar year up to the current report month
    interval 月份区间        months of a year that follow each other, such as January to June
    reported 已报送          handed in and not taken or given back: the report waits for review or is approved
    due 应报                 owed by an enterprise, as app.reports.due says
    standing 报送情况         how the report of a month stood at a cut-off, for an enterprise that owes it
    cut-off 截止时间          until when what was handed in or approved counts
    roster 分组名册           which value of a stored column belongs to which group of a query
    industry group 运行局分类  industries that an operations bureau looks at together
    behind                  the list of records that a number counts
"""
