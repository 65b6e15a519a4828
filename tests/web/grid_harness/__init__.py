"""The pages of a monthly report without the application: templates, sample data and a server that plays every answer."""
