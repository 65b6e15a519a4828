"""Interfaces for programs, ``/api/v1/…``: the lists, rules and refusals of the pages, as JSON.

======================  ==========================================================================
shape                   what a body or an answer looks like; reads the one, describes both
interface               a group of addresses: ``ApiView``, or ``DomainApi`` over a declared list
operation               one method of one address: what it is for, what it takes, gives and refuses
query                   a standard query of the pages, asked by a program (``QUERIES`` of the wiring)
document                the OpenAPI description, made from all of these for whoever asks
======================  ==========================================================================
"""

from __future__ import annotations

from app.infra.api.limits import init_api
from app.infra.api.operations import Operation, describes
from app.infra.api.reading import scoped
from app.infra.api.views import ApiView, DomainApi

__all__ = ["ApiView", "DomainApi", "Operation", "describes", "init_api", "scoped"]
