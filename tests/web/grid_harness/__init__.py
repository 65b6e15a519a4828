"""The pages of a report without the application: templates, sample data, a server that plays every answer."""
