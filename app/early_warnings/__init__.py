"""Early warnings: points, what they post, how it is reviewed and where it goes.

Glossary
    warning point 预警点      an organisation that watches the trade of its industry and posts what it finds
    post 预警信息            what a point writes: an update, news, an original, an analysis, a report
    original 原创预警信息     a warning that the point wrote itself; reviewed before anybody else reads it
    review 审核             the outcome of an original: passed 通过, returned 退回修改 or rejected 不予通过
    destination 去向         where a passed post goes: magazine 推荐到杂志, exchange 发布到预警工作交流,
                            internal 重要信息内部交流, which excludes the other two
    resemblance 相似度       the share of character groups that two texts have in common, 0 to 1
"""
