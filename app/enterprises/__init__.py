"""Enterprises: who is monitored, with every earlier state of what was known of them.

Glossary
--------
enterprise 企业                       a company with one account, in one region, of one trade
version 企业信息版本                    what was known up to a change; a report keeps the one filed with
revision 版本号                        the number of the current version
credit code 统一社会信用代码             18 characters with check characters (GB 32100-2015)
industry 所属行业                      GB/T 4754-2017: section, division, group, class
size 企业规模                          大 large, 中 medium, 小 small, 微 micro; 未知, 不划型 not classified
control 控股情况                       who controls the capital
registration type 登记注册类型          the legal form, of the 2011 or the 2023 scheme
key fields 关键信息                    name, credit code and industry: who an enterprise is
change 企业信息变更                     an enterprise's request to change a key field
refer 转人工                          what the automatic review does with a case that it leaves to an admin
direct reviewer 直接授权审核员          the admin who takes its reports first
"""
