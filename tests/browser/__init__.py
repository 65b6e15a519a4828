"""What only a real browser shows: whole days of work, accessibility, the phone."""
