"""The one way out for e-mail, SMS and chat robots: written in the transaction that causes it, sent after.

A message is a row before it is anything else, so that a rollback takes it back and a killed process
loses none. Its ``public_id`` goes out with it: a receiver that gets it twice can tell.

Glossary
--------
outbox 发件箱           the table of messages to addresses outside the platform
channel 渠道            e-mail, SMS or chat robot
adapter 通道适配器       what carries the messages of a channel: SMTP, an HTTP gateway, or the local outbox
local outbox 本地发件箱   the built-in adapter: keeps messages to be read here, where no gateway is configured
claim 领取              taking waiting messages for sending, by one sender only
lease 租约              how long a sender may keep what it claimed; after it, another one takes over
"""

from app.infra.outbox.models import Channel, Delivery, OutboxMessage
from app.infra.outbox.service import MessagesPosted, post, send_again
from app.infra.outbox.setup import hand_over, init_outbox

__all__ = [
    "Channel",
    "Delivery",
    "MessagesPosted",
    "OutboxMessage",
    "hand_over",
    "init_outbox",
    "post",
    "send_again",
]
