"""A person who signs in and answers: what a browser's owner would do with our pages."""

from collections.abc import Collection
from dataclasses import dataclass, field

from tests.oauth.browsing import Browser, Field, Form, Page

MOST_PAGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`tenant` is the name of the organisation to choose when there are several."""

    email: str
    password: str = field(repr=False)
    tenant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the person allows. None ticks what the page ticked."""

    answer: str = "allow"
    scopes: Collection[str] | None = None
    desks: Collection[str] | None = None


ALLOW = Choice()
REFUSE = Choice(answer="refuse")


async def answered(browser: Browser, url: str, person: Person, choice: Choice = ALLOW) -> str:
    """Open a client's authorization request, go through the pages, return where it led."""
    page = await browser.open(url)
    return (await through(browser, page, person, choice)).left


async def through(browser: Browser, page: Page, person: Person, choice: Choice = ALLOW) -> Page:
    """Go on until a page has nothing to fill in or the browser has left our site."""
    for _ in range(MOST_PAGES):
        if page.left:
            return page
        if (form := page.form_with("password")) is not None:
            page = await signing_in(browser, page, form, person)
        elif (form := page.form_with("tenant")) is not None:
            page = await browser.submit(page, form, button=_place(form, person))
        elif (form := page.form_with("answer")) is not None:
            page = await answering(browser, page, form, choice)
        else:
            return page
    raise AssertionError(f"the pages lead nowhere: {page.text}")


async def sign_in(browser: Browser, person: Person) -> Page:
    """Sign in without any client."""
    page = await browser.open("/sign-in", coming_from="none")
    form = page.form_with("password")
    assert form is not None, page.text
    return await signing_in(browser, page, form, person)


async def signing_in(browser: Browser, page: Page, form: Form, person: Person) -> Page:
    typed = {"email": person.email, "password": person.password}
    return await browser.submit(page, form, button=form.kinds("submit")[0], given=typed)


async def answering(browser: Browser, page: Page, form: Form, choice: Choice) -> Page:
    """Tick and untick boxes and press one of the two buttons."""
    for box in form.kinds("checkbox"):
        chosen = choice.scopes if box.name == "scope" else choice.desks
        if chosen is not None:
            box.sent = box.value in chosen
    [button] = [one for one in form.kinds("submit") if one.value == choice.answer]
    return await browser.submit(page, form, button=button)


def _place(form: Form, person: Person) -> Field:
    places = [one for one in form.kinds("submit") if one.text.startswith(person.tenant)]
    assert len(places) == 1, [one.text for one in form.kinds("submit")]
    return places[0]
