"""The help desk as a WSGI application."""

# pyright: basic
# Django is untyped.

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
