"""models page."""

from dashboard import context

context.within_app()
