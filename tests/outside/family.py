"""What a grant must do next, as a model without a server: one code, one leaf, one end."""

from dataclasses import dataclass, field

from tests.oauth.client import Asked

CODE_LASTS = 60
GRACE = 30
DAY = 86_400
IDLE = 30 * DAY
ABSOLUTE = 90 * DAY
MOST_FAILURES = 3


@dataclass(slots=True)
class Old:
    """A refresh token that was used or replaced, and how long ago."""

    secret: str
    used: bool
    age: float = 0.0


@dataclass(slots=True)
class Family:
    """One consent of one person to one client."""

    asked: Asked
    code: str
    code_age: float = 0.0
    age: float = 0.0
    failures: int = 0
    redeemed: bool = False
    dead: bool = False
    leaf: str = ""
    leaf_age: float = 0.0
    access: str = ""
    before: list[Old] = field(default_factory=list[Old])

    @property
    def alive(self) -> bool:
        return self.redeemed and not self.dead and self.age < ABSOLUTE

    def passes(self, seconds: float) -> None:
        self.code_age += seconds
        self.age += seconds
        self.leaf_age += seconds
        for one in self.before:
            one.age += seconds

    def may_redeem(self) -> bool:
        """Say whether a good redemption succeeds. A second one ends everything."""
        if self.redeemed:
            self.dead = True
            return False
        return self.code_age < CODE_LASTS and self.failures < MOST_FAILURES

    def fails_a_proof(self) -> None:
        if self.redeemed:
            self.dead = True
        elif self.code_age < CODE_LASTS:
            self.failures += 1

    def given(self, access: str, leaf: str) -> None:
        self.access, self.leaf, self.leaf_age, self.redeemed = access, leaf, 0.0, True

    def may_refresh(self) -> bool:
        return self.alive and self.leaf_age < IDLE

    def rotated(self, access: str, leaf: str) -> None:
        self.before.append(Old(self.leaf, used=True))
        self.given(access, leaf)

    def may_repeat(self, number: int) -> bool:
        """Say whether an older token works: only the last one, for the grace."""
        if self.dead or self.age >= ABSOLUTE:
            return False
        old = self.before[number]
        is_last_used = old is next((o for o in reversed(self.before) if o.used), None)
        if old.age > GRACE or (old.used and not is_last_used):
            self.dead = True
            return False
        return old.used

    def repeated(self, access: str, leaf: str) -> None:
        self.before.append(Old(self.leaf, used=False))
        self.given(access, leaf)
