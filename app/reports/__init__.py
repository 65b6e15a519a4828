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
    make-up 补报           a report filled for an earlier month after its due date
    window 报送期限        from the opening of a month to its closing; see ``windows``
    reopening 重新开放     what keeps a month open for an enterprise after its end
    timed unfreeze 限时解冻  a month that is open again for an enterprise or a region until a day
    freeze 冻结             nobody types while a change of key fields is reviewed; unfreeze ends it
    refile                 file a report with its enterprise's current version
    not checked 未核对事项   rules that could not be asked: a figure or an approved report is missing
    own import 上报导入      an enterprise's own month out of a workbook laid out as the form
    batch import 数据批量上报导入  many enterprises' month out of one workbook, by an admin with the right
    trial 试算             a rule of a draft asked of reports that are there, before it is published
    desk 审核台            the review screen: the queue at the left, one report at the right
    snapshot 退回时的报表    a report as it said when it was returned, to be compared with what comes again
    usual reason 常用退回原因  a reason for returning that the admins of a bureau share and pick from
    outlier 异常波动       a change over last month far from what is usual; told as a hint 提示
    trade 同行业           enterprises of the same division of industries in a province
    owing 应报             an enterprise that is monitored today and counted: it owes each month's report
    filed 已报             a report that waits for review or is approved; all other states are unfiled 未报送
    reminder 催报          a message to an enterprise that has not filed, by one channel 渠道 on one day
    next step 下一步       what an enterprise does next with a report, said on its home page
    system screening 系统筛查   passes when there is no soft finding
"""
