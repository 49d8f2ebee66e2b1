"""What every page of ours must be."""

from collections.abc import Collection

from tests.oauth.browsing import Page


def is_error_page(page: Page, status: int | Collection[int]) -> None:
    """Our own page, not a redirect: nobody is told but the person who sees it (RFC 6749 §4.1.2)."""
    wanted = {status} if isinstance(status, int) else set(status)
    assert page.left == ""
    assert page.status in wanted, (page.status, page.text)
    if page.status == 414:
        return  # the edge's own: nothing was read
    is_guarded(page)


def is_guarded(page: Page) -> None:
    """No script but ours, no frame, no cache, no sniffing, no referrer with a code in it."""
    policy = page.headers["content-security-policy"]
    assert page.headers["content-type"].startswith("text/html")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert page.headers["x-frame-options"].upper() == "DENY"
    assert "no-store" in page.headers["cache-control"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
