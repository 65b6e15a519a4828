"""The answers that a condition of an XLSForm may speak of, and what expressions call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kernel.expressions import Kind
from app.kernel.texts import Message
from app.questionnaires.xlsform_xpath import NotCarried, XCurrent, XReference


@dataclass(frozen=True, slots=True)
class Named:
    """What a name of the form stands for: its name in expressions, the kind of its values, whether days."""

    name: str
    kind: Kind
    is_day: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """The codes of its options by their names in the form."""


@dataclass(frozen=True, slots=True)
class Names:
    """The answers that a condition may speak of; ``current`` is the one that is being judged."""

    known: Mapping[str, Named] = field(default_factory=dict)
    current: Named | None = None

    def of(self, node: XReference | XCurrent) -> Named:
        """What a reference stands for.

        :raises NotCarried: nothing that was asked before.
        """
        if isinstance(node, XCurrent):
            if self.current is None:
                raise NotCarried(Message("“.” stands for no answer here."))
            return self.current
        found = self.known.get(node.name)
        if found is None:
            raise NotCarried(
                Message("“{name}” is no question asked before this one whose answer is kept.", name=node.name)
            )
        return found
