"""Connections that are closed when nothing whole comes over them: a client that dribbles must not hold a place."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["protocol"]

PATIENCE_S = 15.0
"""A request's head must come within once to twice this time."""


def protocol() -> type[H11Protocol]:
    """The protocol class to serve with."""
    return _Impatient


class _Impatient(H11Protocol):
    """Looks at times whether a request is at hand; twice without one, and the connection ends."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._was_idle = False
        self._next_look: TimerHandle = self.loop.call_later(PATIENCE_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._was_idle:
            self.transport.close()
            return
        self._was_idle = is_idle
        self._next_look = self.loop.call_later(PATIENCE_S, self._look)
