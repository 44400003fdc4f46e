"""Receivers of messages on this machine, well-behaved and not: real sockets, for tests of what is sent to them."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator


class Receiver:
    """Listens on a port of its own. heard: what came in, one item for each connection that said something."""

    def __init__(self, talk: Callable[[socket.socket, list], None]):
        self.heard: list = []
        self._talk = talk
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # The other side may be gone, or speak something else, such as TLS.
        with contextlib.suppress(OSError, UnicodeDecodeError):
            self._talk(connection, self.heard)
            connection.close()

    def close(self) -> None:
        for one in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # or whoever waits for it would keep it open
            one.close()


@contextlib.contextmanager
def receiver(talk: Callable[[socket.socket, list], None]) -> Iterator[Receiver]:
    """A receiver that says and does what `talk(connection, heard)` does."""
    one = Receiver(talk)
    try:
        yield one
    finally:
        one.close()


def request_of(connection: socket.socket) -> tuple[str, dict[str, str], dict]:
    """Read one HTTP request with JSON: its first line, its headers, what it says."""
    file = connection.makefile("rb")
    first = file.readline().decode().strip()
    headers = {}
    while line := file.readline().decode().strip():
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return first, headers, json.loads(file.read(int(headers["content-length"])))


def answers(text: str) -> Callable[[socket.socket, list], None]:
    """A web server that hears and answers this, such as `200 OK`, with more headers after a new line."""

    def talk(connection: socket.socket, heard: list) -> None:
        heard.append(request_of(connection))
        connection.sendall(f"HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n".encode())

    return talk


def hangs(connection: socket.socket, heard: list) -> None:
    """Hears, and says nothing until the other side is gone."""
    heard.append(connection.recv(65536))
    while connection.recv(65536):
        continue


def drips(connection: socket.socket, heard: list) -> None:
    """Answers a letter at a time, for ever."""
    heard.append(connection.recv(65536))
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    pause = threading.Event()
    while not pause.wait(0.05):
        connection.sendall(b"x")


def resets(connection: socket.socket, heard: list) -> None:
    """Breaks the connection off at once."""
    heard.append("reset")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def mail_server(refuse: str = "", features: tuple[str, ...] = ()) -> Callable[[socket.socket, list], None]:
    """A mail server. refuse: the command (`AUTH`, `RCPT`, `DATA`) that it answers with 5xx, and with what it heard."""

    def talk(connection: socket.socket, heard: list) -> None:
        file = connection.makefile("rwb")

        def say(line: str) -> None:
            file.write(line.encode() + b"\r\n")
            file.flush()

        said: dict[str, object] = {"to": []}
        heard.append(said)
        say("220 here")
        while line := file.readline().decode().strip():
            command, _, rest = line.partition(" ")
            command = command.upper()
            if command == refuse:
                say(f"{535 if command == 'AUTH' else 554} no: {rest}")
            elif command == "EHLO":
                said["greeted"] = rest
                for feature in ("here", *features[:-1]):
                    say(f"250-{feature}")
                say(f"250 {features[-1] if features else 'HELP'}")
            elif command == "AUTH":
                said["login"] = base64.b64decode(rest.split()[-1]).decode().split("\0")[1:]
                say("235 welcome")
            elif command == "MAIL":
                said["from"] = rest
                say("250 fine")
            elif command == "RCPT":
                said["to"].append(rest)
                say("250 fine")
            elif command == "DATA":
                say("354 go on")
                lines = []
                while (text := file.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(text)
                said["letter"] = "\n".join(lines)
                say("250 taken")
            else:
                say("221 bye" if command == "QUIT" else "250 fine")

    return talk
