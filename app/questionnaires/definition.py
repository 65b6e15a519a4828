"""What a questionnaire asks, as plain values: questions, options, jumps, checks and layout.

A definition is a document: it is edited as a whole, kept as a whole (``app.questionnaires.documents``) and
frozen as a whole. Nothing here judges it; ``app.questionnaires.checker`` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

END = ""
"""Target of a jump that ends the questionnaire."""


class QuestionKind(StrEnum):
    """The types of questions: the seven of the original system, and those added."""

    SINGLE = "single"  # 单选题
    MULTIPLE = "multiple"  # 多选题
    LINE = "line"  # 填空题
    TEXT = "text"  # 问答题
    MATRIX_SINGLE = "matrix_single"  # 矩阵单选题
    MATRIX_MULTIPLE = "matrix_multiple"  # 矩阵多选题
    MATRIX_FILL = "matrix_fill"  # 矩阵填空题
    NUMBER = "number"  # 数字题
    DATE = "date"  # 日期题
    RATING = "rating"  # 评分题
    RANKING = "ranking"  # 排序题
    SECTION = "section"  # 段落说明


CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE})
"""Kinds whose options jumps can be tied to."""
OPTIONED = CHOICES | {QuestionKind.RANKING}
"""Kinds that have options."""
MATRICES = frozenset({QuestionKind.MATRIX_SINGLE, QuestionKind.MATRIX_MULTIPLE, QuestionKind.MATRIX_FILL})
"""Kinds that have rows and columns."""
UNANSWERED = frozenset({QuestionKind.SECTION})
"""Kinds that are shown and take no answer."""


class Match(StrEnum):
    """How a jump's options are compared with those chosen."""

    ANY = "any"  # 任一
    ALL = "all"  # 全部
    NONE = "none"  # 均未选


class CheckKind(StrEnum):
    """What a check looks at."""

    RANGE = "range"  # a number from ``least`` to ``most``
    INTEGER = "integer"  # a whole number
    LENGTH = "length"  # characters, from ``least`` to ``most``
    PATTERN = "pattern"  # a text of a known shape, named by ``pattern``
    CHOICES = "choices"  # options chosen, from ``least`` to ``most``
    ROWS = "rows"  # every row of a matrix has an answer
    DISTINCT = "distinct"  # no column of a matrix is chosen in two rows
    EXPRESSION = "expression"  # an expression over this and earlier questions


class Pattern(StrEnum):
    """The shapes of texts that a check knows."""

    MOBILE = "mobile"
    EMAIL = "email"
    CREDIT_CODE = "credit_code"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in the languages of its definition, the first of which is written in any case."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", MappingProxyType({k: v for k, v in self.texts.items() if v}))

    @classmethod
    def of(cls, text: str, language: str = "zh") -> Wording:
        """A text in one language."""
        return cls({language: text})

    def in_language(self, language: str) -> str:
        """The text in ``language``; where it has none, in the first that it has; else empty."""
        return self.texts.get(language) or next(iter(self.texts.values()), "")

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.texts.items())))


NO_WORDS = Wording()


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from; ``show_if`` is an expression over earlier questions."""

    code: str
    text: Wording
    other: bool = False
    exclusive: bool = False
    show_if: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column of a matrix. ``numeric`` columns of 矩阵填空题 take numbers."""

    code: str
    text: Wording
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Jump:
    """Where to go on after a question: to ``target``, or with ``END`` to the end of the questionnaire.

    The first jump of a question whose condition holds is taken; without one the next question follows.
    A question that was asked and left blank chose nothing: only NONE can hold.
    """

    match: Match
    options: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Check:
    """What an answer must meet. A question left blank is judged by ``required`` alone."""

    kind: CheckKind
    least: Decimal | None = None
    most: Decimal | None = None
    pattern: str = ""
    expression: str = ""
    message: Wording = NO_WORDS


@dataclass(frozen=True, slots=True)
class Question:
    """A question or a section text.

    ``code`` is unique and stays when questions are moved; expressions name questions by it.
    ``scale`` is the number of steps of a rating; ``unit`` stands behind a number.
    """

    code: str
    kind: QuestionKind
    text: Wording
    hint: Wording = NO_WORDS
    required: bool = True
    options: tuple[Option, ...] = ()
    rows: tuple[Line, ...] = ()
    columns: tuple[Line, ...] = ()
    scale: int = 5
    unit: Wording = NO_WORDS
    show_if: str = ""
    jumps: tuple[Jump, ...] = ()
    checks: tuple[Check, ...] = ()
    per_row: int = 1
    page_break: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether it takes an answer at all."""
        return self.kind not in UNANSWERED

    def option(self, code: str) -> Option | None:
        """The option of that code."""
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True, slots=True)
class Definition:
    """All that a questionnaire asks, in order. ``numbered`` shows Q1, Q2 … before the questions."""

    questions: tuple[Question, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    numbered: bool = True

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def find(self, code: str) -> Question | None:
        """The question of that code."""
        return next((question for question in self.questions if question.code == code), None)

    def place(self, code: str) -> int:
        """Where the question of that code stands, from 0.

        :raises KeyError: there is none.
        """
        for at, question in enumerate(self.questions):
            if question.code == code:
                return at
        raise KeyError(code)

    @property
    def labels(self) -> Mapping[str, str]:
        """What readers call each question: Q1, Q2 … ; section texts have no number."""
        answered = [question.code for question in self.questions if question.is_answered]
        return {code: f"Q{at}" for at, code in enumerate(answered, 1)}
