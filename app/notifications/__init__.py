"""Messages to users inside the platform, and notices to many of them.

Glossary
--------
inbox 消息中心               what the platform told one account; unread until opened
kind 消息类别                what a message is about: registration, report, notice, account
notice 通知公告              a text that an administrator publishes to an audience
audience 发布范围             who gets a notice: kinds of accounts within regions
acknowledgement 确认阅读      the reader's word that a must-read notice was read
to-do 待办                   something that waits for this account; counted, and opened by one click
"""
