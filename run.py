"""The application for servers (``run:app``) and the Flask command line."""

from app import create_app

app = create_app()
