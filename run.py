"""The application for servers (``run:app``) and the Flask command line."""

import gc

from app import create_app

app = create_app()
gc.freeze()  # what was built stays as long as the process: no collection needs to walk it again
