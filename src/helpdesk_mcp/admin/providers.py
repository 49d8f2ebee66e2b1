"""Where an organisation's people sign in: here with a password, or at their own provider."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from helpdesk_mcp.admin.params import Done, present
from helpdesk_mcp.domain.administration import Office
from helpdesk_mcp.domain.errors import NotFound
from helpdesk_mcp.domain.operations import Effect, Holds, operation
from helpdesk_mcp.domain.principals import Scope
from helpdesk_mcp.domain.probes import Probe, ProviderInfo, SignInProvider

Issuer = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^(?:https://[A-Za-z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::\d{1,5})?"
        r"(?:/[A-Za-z0-9._~/%-]*)?$",
        description="The provider's issuer, an https address exactly as the provider writes it",
    ),
]
ClientId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=r"^[!-~]+$",
        description="How the provider knows this server",
    ),
]
Secret = Annotated[
    str, Field(min_length=1, max_length=1024, repr=False, description="Sealed, never shown again")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """The organisation's own provider; absent where people sign in with passwords only."""

    provider: ProviderInfo | None = None


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="Show the sign-in provider", target="")
async def get_provider(office: Office) -> ProviderState:
    """Show the OpenID provider where the organisation's people sign in, without its secret."""
    return ProviderState(provider=await _own(office).get())


@operation(
    Scope.ADMIN,
    Effect.WRITE,
    own_words=True,
    title="Set the sign-in provider",
    target="issuer",
    holds={"client_secret": Holds.SECRET},
)
async def set_provider(
    office: Office, issuer: Issuer, client_id: ClientId, client_secret: Secret
) -> ProviderInfo:
    """Let the organisation's people sign in at their own OpenID provider.

    The secret is sealed at once; `test_provider` says whether the provider answers.
    """
    wanted = ProviderInfo(issuer=issuer, client_id=client_id)
    await _own(office).set(wanted, client_secret)
    return wanted


@operation(Scope.ADMIN, Effect.READ, own_words=True, title="Test the sign-in provider", target="")
async def test_provider(office: Office) -> Probe:
    """Ask the organisation's provider for its metadata and keys. Nobody is signed in."""
    if (found := await _own(office).get()) is None:
        raise NotFound("This organisation has no provider.", reason="unknown_provider")
    return await _own(office).probe(found.issuer)


@operation(
    Scope.ADMIN, Effect.DESTROY, own_words=True, title="Remove the sign-in provider", target=""
)
async def remove_provider(office: Office) -> Done:
    """Let the organisation's people sign in with passwords only, and destroy the secret."""
    await _own(office).remove()
    return Done(done="removed", id=office.tenant.id)


def _own(office: Office) -> SignInProvider:
    return present(office.provider, "sign-in providers")


OPERATIONS = (get_provider, set_provider, test_provider, remove_provider)
