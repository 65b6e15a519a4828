"""One unit of work: the edge begins and commits, services flush, events go where the wiring says.

An event is a plain dataclass. ``emit`` runs its in-transaction hooks at once, in the same
transaction as the change; handlers after the commit run when it is safe on disk, each in a
unit of work of its own, and what fails there is logged and never undoes the change.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.infra.database import db, writing
from app.kernel.errors import Conflict, DomainError, Overtaken
from app.kernel.texts import Message

log = logging.getLogger(__name__)

Handler = Callable[[Any], None]
Handlers = Mapping[type, Sequence[Handler]]

CHANGED_MEANWHILE = Message("Someone changed this record meanwhile. Reload it and try again.")
_PENDING = "events_after_commit"
_DEPTH = "unit_of_work"


def emit(event: object) -> None:
    """Tell the product that something happened, inside the running unit of work."""
    for hook in _handlers("HOOKS").get(type(event), ()):
        hook(event)
    db.session.info.setdefault(_PENDING, []).append(event)


def emit_once(event: object) -> None:
    """``emit``, unless an equal event already waits for the commit of this unit of work."""
    if event not in db.session.info.get(_PENDING, ()):
        emit(event)


@contextlib.contextmanager
def unit_of_work() -> Iterator[None]:
    """Everything within is one transaction: committed at the end, or as if it had never been.

    Nested units join the outer one. A row changed by somebody else meanwhile, or a
    constraint broken by a race, becomes a ``Conflict`` that the page can show.
    """
    info = db.session.info
    if info.get(_DEPTH):
        yield
        return
    db.session.rollback()  # a read transaction cannot become a writing one on SQLite
    with writing():
        info[_DEPTH] = True
        info[_PENDING] = []
        try:
            yield
            db.session.commit()
        except StaleDataError as error:
            db.session.rollback()
            raise Overtaken(CHANGED_MEANWHILE) from error
        except IntegrityError as error:
            db.session.rollback()
            raise Conflict(
                Message("This clashes with a record that exists already, or is still used elsewhere.")
            ) from error
        except BaseException:
            db.session.rollback()
            raise
        finally:
            info[_DEPTH] = False
            events = info.pop(_PENDING, [])
    _after_commit(events)


@contextlib.contextmanager
def independent_step() -> Iterator[None]:
    """One step of a batch: it fails alone, with its events, while the steps around it stand.

    A unit of work of its own where none is open; a savepoint within one that is.
    """
    with unit_of_work():
        pending: list[object] = db.session.info[_PENDING]
        already = len(pending)
        try:
            with db.session.begin_nested():
                yield
        except BaseException as error:
            del pending[already:]
            if isinstance(error, StaleDataError | IntegrityError):
                raise Overtaken(CHANGED_MEANWHILE) from error
            raise


def in_unit_of_work() -> bool:
    """Whether a unit of work is open on this session."""
    return bool(db.session.info.get(_DEPTH))


def _after_commit(events: list[object]) -> None:
    for event in events:
        for handler in _handlers("EVENTS").get(type(event), ()):
            try:
                with unit_of_work():
                    handler(event)
            except DomainError as error:
                log.warning("after %s: %s", type(event).__name__, error)
            except Exception:
                log.exception("after %s: %s failed", type(event).__name__, handler)


def _handlers(table: str) -> Handlers:
    handlers: Handlers = current_app.extensions["wiring"][table]
    return handlers
