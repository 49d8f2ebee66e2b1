"""What every Python client that signs in needs: a person with a browser, and a place for tokens."""

import json
import sys
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CALLBACK = "http://127.0.0.1:8917/callback"  # nobody listens: the person reads where it was sent


class Person:
    """Opens addresses for a client: the test on the other side of our pipes does."""

    def __init__(self) -> None:
        self.url = ""
        self.visits = 0

    async def open(self, url: str) -> None:
        self.url = url
        self.visits += 1

    def came_back_with(self) -> dict[str, str]:
        print(json.dumps({"open": self.url}), flush=True)  # noqa: T201 - its question
        left: str = json.loads(sys.stdin.readline())["left"]
        return dict(parse_qsl(urlsplit(left).query))


class Memory:
    """Keeps tokens and the client's registration while the program runs."""

    def __init__(self) -> None:
        self.tokens: Any = None
        self.client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info
