"""Whose photos a question is about."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """One's own library, one person's public photos, or the network: everyone's public photos.

    `owner` is a person's id, None for everyone. Everyone's photos together are public ones only.
    """

    owner: int | None
    public_only: bool

    def __post_init__(self) -> None:
        """Raise ValueError for everyone's private photos, which no question may be about."""
        if self.owner is None and not self.public_only:
            raise ValueError("photos of everyone can be asked for only where they are public")

    @property
    def key(self) -> int:
        """The scope as one number, for counters: the id, its negative for the public ones, 0 for the network."""
        if self.owner is None:
            return 0
        return -self.owner if self.public_only else self.owner


NETWORK = Scope(owner=None, public_only=True)


def library_of(owner: int) -> Scope:
    """All photos of one person, public or not: what only they may see."""
    return Scope(owner, public_only=False)


def public_of(owner: int) -> Scope:
    """What one person has published."""
    return Scope(owner, public_only=True)


def scopes_of(owner: int, is_public: bool) -> tuple[Scope, ...]:
    """Every scope a photo counts in."""
    return (library_of(owner), public_of(owner), NETWORK) if is_public else (library_of(owner),)
