"""A stock Django admin over the platform's own tables, to compare with."""
