"""Under which addresses a server is known: its own, the public one, and those configured."""

from dataclasses import dataclass
from urllib.parse import urlsplit

HERE = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """`port` is the one a server is really served on; `public` what its operator set, if he did."""

    host: str
    port: int
    public: str = ""
    more_hosts: tuple[str, ...] = ()
    more_origins: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address clients use, without a trailing slash. Never taken from a request."""
        if self.public:
            return self.public.rstrip("/")
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 -- compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host headers to accept: this machine's, the public one, and those configured."""
        here = tuple(f"{name}:{self.port}" for name in HERE)
        return tuple(dict.fromkeys((*here, urlsplit(self.url).netloc, *self.more_hosts)))

    @property
    def origins(self) -> tuple[str, ...]:
        """The browser origins to accept: our own pages', and those configured."""
        here = tuple(f"http://{name}:{self.port}" for name in HERE)
        public = urlsplit(self.url)
        own = (*here, f"{public.scheme}://{public.netloc}")
        return tuple(dict.fromkeys((*own, *self.more_origins)))
