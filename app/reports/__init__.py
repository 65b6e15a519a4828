"""Monthly reports: forms as data, figures, filling, checking and the review chain.

Glossary
    form 报表              what is reported again and again, such as 中小企业主要经济指标
    version 表样版本       a form as it is during an effective period; never changes once published
    section 表             a part of a form: a grid of indicators, or repeating rows
    indicator 指标         a line of a grid; its code is the same in every version
    cell 单元格            one figure of an indicator: 本月, 1-本月, 上年本月, 上年1-本月
    rule 审核关系          an expression that must hold; hard 强制性, soft 非强制性 or hint 提示
    finding 审核结果       a rule that does not hold, at a cell of a report
    report 报表            what one enterprise files for one month
    figures 数据           the numbers of reports, in one table for each section of a form
    make-up 补报           a report filled for an earlier month
    system screening 系统筛查   passes when there is no soft finding
"""
