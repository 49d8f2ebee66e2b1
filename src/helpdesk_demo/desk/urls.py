"""Addresses of the demo's help desk: stock django-helpdesk, its files, and the admin pages."""

# pyright: basic
# Django is untyped. Files are served here because there is no web server in front.

from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles.views import serve as serve_static
from django.urls import include, path, re_path
from django.utils.module_loading import import_string
from django.views.decorators.cache import cache_control
from django.views.static import serve as serve_media

urlpatterns = [
    re_path(
        r"^static/(?P<path>.+)$",
        cache_control(max_age=3600)(serve_static),
        {"insecure": True},
    ),
    re_path(r"^media/(?P<path>.+)$", serve_media, {"document_root": settings.MEDIA_ROOT}),
    path("admin/", admin.site.urls),
]
if "token" in settings.AUTH:
    give_token = import_string("rest_framework.authtoken.views.obtain_auth_token")
    urlpatterns.append(path("api-token-auth/", give_token))
urlpatterns.append(path("", include("helpdesk.urls", namespace="helpdesk")))
