"""REST, to come."""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import ASGIApp

from helpdesk_mcp.pipeline.pipeline import Pipeline


def rest_app(pipeline: Pipeline, guarded: Callable[[ASGIApp], ASGIApp], public_url: str) -> ASGIApp:
    return FastAPI()
