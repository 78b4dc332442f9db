"""gunicorn's threads, that also answer who is still in the queue when the worker is told to end."""

from __future__ import annotations

import select

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Ends without losing a request.

    gunicorn's own worker stops accepting as soon as it is told to end, but keeps its listening socket until it has ended. Clients
    that connected just before, or connect meanwhile, are taken into the system's queue, where nobody answers them. This one
    answers those in the queue and then closes the socket at once, so that the next client is refused and can go elsewhere.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """As gunicorn's; its last call, when the worker ends, also empties the queue."""
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            for listener in self.sockets:
                while select.select([listener], [], [], 0)[0]:
                    self.accept(listener)
                listener.close()
