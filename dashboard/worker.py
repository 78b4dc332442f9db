"""gunicorn's threads, that wait for no silent client, and answer who is still in the queue when the worker is told to end."""

from __future__ import annotations

import select
import selectors
import time
from functools import partial

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker


class Worker(ThreadWorker):
    """Ends without losing a request, and gives its threads to requests alone.

    gunicorn's own worker stops accepting as soon as it is told to end, but keeps its listening socket until it has ended. Clients
    that connected just before, or connect meanwhile, are taken into the system's queue, where nobody answers them. This one
    answers those in the queue and then closes the socket at once, so that the next client is refused and can go elsewhere.

    Browsers also open connections ahead of need, and say nothing on them. gunicorn's own worker has a thread wait 5 s for the
    first word on each, so that a few of them keep everybody waiting, and can't end before its grace period is over. This one
    watches them beside the connections that are kept alive, and gives them as long when it ends.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """As gunicorn's; its last call, when the worker ends, also empties the queue."""
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            for listener in self.sockets:
                while select.select([listener], [], [], 0)[0]:
                    self.accept(listener)
                listener.close()
            latest = time.monotonic() + STOP_KEEPALIVE_LINGER
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, latest)

    def enqueue_req(self, conn: TConn) -> None:
        """As gunicorn's, but a connection on which nothing was said yet gets no thread."""
        if conn.initialized or conn.wait_for_data(0):
            super().enqueue_req(conn)
        else:
            conn.sock.setblocking(False)
            conn.set_timeout()
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
