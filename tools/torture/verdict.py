"""What a scenario found."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Verdict:
    """The count that was reached, what was wished for, and every fault that was seen."""

    scenario: str
    wished: int
    counted: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything was counted and nothing went wrong."""
        return self.counted >= self.wished and not self.faults

    def fault(self, words: str) -> None:
        """Note a fault: each wording once, and only so many."""
        if len(self.faults) < 50 and words not in self.faults:
            self.faults.append(words)

    def line(self) -> str:
        """One line of the report."""
        mark = "holds" if self.holds else "FAILS"
        notes = f"  ({'; '.join(self.notes)})" if self.notes else ""
        return (
            f"{mark}  {self.scenario:<34} {self.counted:>6} of {self.wished:>6}  {self.seconds:6.1f} s{notes}"
        )
