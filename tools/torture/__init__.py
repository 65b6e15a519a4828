"""Torture: kills, races, locks and nonsense against a temporary instance of the platform.

``python -m tools.torture --share 0.1`` runs a tenth of the figures on SQLite and on PostgreSQL.
Everything is bounded in count and in time, and speaks to the loopback only.
"""
