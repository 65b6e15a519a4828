"""Settings that an administrator changes in the panel: declared in code, dated and reasoned in the data.

A domain declares its settings once, beside the rule that reads them, and asks ``value`` with the
instant it acts at: a change holds from its day on, and what was decided before keeps the value of
its time. Addresses and secrets of the installation are no settings of this kind: see ``config.py``.
"""

from app.infra.settings.registry import Setting, SettingGroup, all_settings, declare, setting
from app.infra.settings.values import value

__all__ = ["Setting", "SettingGroup", "all_settings", "declare", "setting", "value"]
