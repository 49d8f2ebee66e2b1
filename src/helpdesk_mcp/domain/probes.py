"""What the far side answered when an administrator tried it, and where people sign in."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a desk or provider answered to a test. `offers` names a desk's capabilities for us."""

    works: bool
    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderInfo:
    """Where an organisation's people sign in, and how that provider knows us. Holds no secret."""

    issuer: str
    client_id: str


class SignInProvider(Protocol):
    """The OpenID provider where one tenant's people sign in, if they have one."""

    async def get(self) -> ProviderInfo | None: ...

    async def set(self, provider: ProviderInfo, client_secret: str) -> None:
        """Set it, in place of an earlier one. The secret is sealed and never read back."""
        ...

    async def remove(self) -> None:
        """Forget it, and its secret. Raises NotFound if there is none."""
        ...

    async def probe(self, issuer: str) -> Probe:
        """Ask the provider who it is. Never raises for what it does."""
        ...
