"""A PostgreSQL server on this machine, with an empty database for whoever asks, and a wire to it that can be cut."""

from __future__ import annotations

import socket
import socketserver
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def database_server() -> Iterator[str]:
    """Run a server until the block ends; gives the address of its superuser's database, without a password."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder that only a desktop has, and warns
        import pgserver
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def wire_cut_at(address: str, moment: bytes) -> Iterator[tuple[str, threading.Event]]:
    """A wire to a server that carries nothing more from a client from the moment when it sends certain bytes.

    Gives the wire's own address, and the event that this has happened. The server isn't told before the client hangs up.
    """
    happened = threading.Event()

    class Wire(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(_socket_in(str(conninfo_to_dict(address)["host"])))
                back = threading.Thread(target=_carry, args=(server, self.request))
                back.start()
                sent = b""
                while data := self.request.recv(65_536):
                    sent = sent[-len(moment) :] + data  # the bytes may come in two parts
                    if moment in sent:
                        happened.set()
                    if not happened.is_set():
                        server.sendall(data)
                server.shutdown(socket.SHUT_RDWR)
                back.join()

    with tempfile.TemporaryDirectory() as folder, socketserver.ThreadingUnixStreamServer(_socket_in(folder), Wire) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield make_conninfo(address, host=folder), happened
        finally:
            listener.shutdown()
            thread.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # one of them has hung up
        while data := source.recv(65_536):
            target.sendall(data)


def _socket_in(folder: str) -> str:
    """Where PostgreSQL's clients look for a server's socket in a folder."""
    return f"{folder}/.s.PGSQL.5432"
