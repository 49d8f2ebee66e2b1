"""A site filled with lifelike data; the same seed and moment give the same site."""

from functools import lru_cache
from random import Random

from helpdesk_demo.desk.content import Content, load_content
from helpdesk_demo.servicedesk_plus.editions import Config
from helpdesk_demo.servicedesk_plus.knobs import Knobs, knobs_for
from helpdesk_demo.servicedesk_plus.seed_modules import seed_modules
from helpdesk_demo.servicedesk_plus.seed_people import seed_people
from helpdesk_demo.servicedesk_plus.seed_requests import seed_requests
from helpdesk_demo.servicedesk_plus.seed_setup import seed_setup
from helpdesk_demo.servicedesk_plus.state import State


def new_site(config: Config, knobs: Knobs | None = None) -> State:
    """Return a fresh site; without knobs it behaves as its edition and build do."""
    chosen = knobs_for(config.edition, config.build) if knobs is None else knobs
    state = State(config=config, knobs=chosen)
    rnd, content = Random(config.seed), _content()
    seed_setup(state)
    cast = seed_people(state, content, rnd)
    seed_requests(state, content, cast, rnd, count=config.tickets, now=config.started)
    seed_modules(state, content, rnd, config.started)
    return state


@lru_cache(maxsize=1)
def _content() -> Content:
    return load_content()
