"""Organisations: the territory, the bureaus that run it, their admins, and the accounts that sign in.

Glossary
--------
region 地区                 a country, province, prefecture or county; development zones count as counties
successor 后继地区           the region that took over an abolished one
closure 地区归属             which region lay within which, and from when until when
strong exporting county 出口强县  a tag that an admin puts on counties
bureau 主管部门              a commerce department or industry ministry at one level and place
contact 联系人               the responsible leader 分管领导 or the handler 经办人 of a bureau
admin 管理员                 an account that acts for a bureau within a set of regions
superior 上级管理员           the admin above; where there is none the review chain ends
rights 权限                  一键接收 bulk accept, 越级接收 leapfrog accept, 批量导入 batch import
reviewer 审核员              the lowest active admin whose regions cover a place
account 账号                 who signs in: the one-to-one profile of a FAB user
code 短信验证码              six digits sent to a mobile for one purpose and one use
step 登录步骤                what is due between a right password and a session
activation link 激活链接     by which the owner of a new account sets its first password
token 访问令牌               lets a program read in an account's name, under /api/ only
scan 实名认证材料            a picture of an identity card or licence that an account handed in
identity 外部身份            a subject of an identity provider, bound to one account
"""
