"""What the web face answers when it does not do what it was asked."""

__all__ = ["RequestError"]


class RequestError(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        why: What was seen, what was wanted and what to do, for a person.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
