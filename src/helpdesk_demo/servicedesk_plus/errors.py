"""Refusals of ServiceDesk Plus: its codes, their HTTP status, and the envelope they come in."""

from helpdesk_demo.servicedesk_plus.values import Json, Row

# Reference §3.2, the vendor's table of common error codes [DOC]; 4003, 4010, 4011, 4013 and 4017
# come from one third-party client [3P].
HTTP_OF_CODE = {
    4001: 400,
    4002: 403,
    4003: 400,
    4004: 500,
    4005: 400,
    4007: 404,
    4008: 400,
    4009: 400,
    4010: 400,
    4011: 400,
    4012: 400,
    4013: 400,
    4014: 400,
    4015: 429,
    4016: 400,
    4017: 400,
    4021: 400,
    4022: 401,
    7001: 400,
}
INVALID_ID = "Unable to parse the given data for id"
EXTRA_KEY = "Extra key found in JSON"
EXTRA_PARAMETER = "Extra parameter(s) not allowed"
INVALID_URL = "Invalid URL"
INVALID_METHOD = "Invalid HTTP method"
NO_PERMISSION = "User does not have this permission"
WRONG_KEY = "AuthToken in the request is invalid. Unable to authenticate."


class Refused(Exception):
    """ServiceDesk Plus says no; `http` and `messages` are its answer."""

    def __init__(self, code: int, message: Json = None, *, http: int | None = None) -> None:
        super().__init__(code, message)
        self.http = HTTP_OF_CODE.get(code, 400) if http is None else http
        self.details: Row = {"status_code": code, "type": "failed"}
        if message is not None:
            self.details["message"] = message

    def about(self, **details: Json) -> "Refused":
        """Name the field or fields the refusal is about."""
        self.details.update(details)
        return self

    @property
    def body(self) -> Row:
        return {
            "response_status": {
                "status_code": 4000,
                "messages": [self.details],
                "status": "failed",
            }
        }


class Warned(Exception):
    """Nothing was done, and the answer says 3000 with the fields that are wanted."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(fields)
        self.fields = fields

    @property
    def body(self) -> Row:
        fields: list[Json] = list(self.fields)
        details: Row = {"status_code": 3000, "type": "warning", "fields": fields}
        return {
            "response_status": {"status_code": 3000, "messages": [details], "status": "warning"}
        }


class Page(Exception):
    """The answer is a web page where JSON was expected."""

    def __init__(self, http: int) -> None:
        super().__init__(http)
        self.http = http


def extra_key(name: str) -> Refused:
    return Refused(4001, EXTRA_KEY).about(field=name)


def missing(*names: str) -> Refused:
    """4012 carries `fields` and no message [LIVE]."""
    return Refused(4012).about(fields=list(names))


def unknown_value(name: str) -> Refused:
    """4001 carries the `field`, and often no message [LIVE]."""
    return Refused(4001).about(field=name)


def wrong_type(name: str) -> Refused:
    return Refused(4021).about(field=name)


def not_found() -> Refused:
    return Refused(4007, INVALID_URL)
