"""try_it page."""

from dashboard import context

context.within_app()
