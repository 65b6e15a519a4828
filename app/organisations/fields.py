"""Form fields of the organisations: those that pages of every domain share, by their usual place."""

from app.infra.page_fields import RemoteMultipleField, submitted, text_field

__all__ = ["RemoteMultipleField", "submitted", "text_field"]
