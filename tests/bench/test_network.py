"""The network of one's own: other than the machine's, with an address, and gone when it was left or killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from bench.network import ADDRESS, NoNetwork, own_network
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.e2e

# A test process that is killed in its network, with a server at work in it.
KILLED = """
import socket
from bench.network import own_network
with own_network(), socket.create_server(("127.0.0.1", 8765)):
    print("at work", flush=True)
    input()
"""


def here() -> str:
    """Which network the calling thread is in."""
    return os.readlink("/proc/thread-self/ns/net")


@pytest.fixture(autouse=True)
def _possible():
    """Skips, saying so, where there can be no network of one's own."""
    try:
        with own_network():
            pass
    except NoNetwork as error:
        pytest.skip(str(error))


def test_it_has_an_address_and_is_left_again():
    before = here()
    with own_network():
        assert here() != before
        within = subprocess.run(["readlink", "/proc/self/ns/net"], capture_output=True, text=True).stdout.strip()
        assert within == here()  # what is started in it is in it
        for address in ("127.0.0.1", ADDRESS):
            with socket.create_server((address, 8765)) as server, socket.create_connection((address, 8765), timeout=5):
                server.accept()[0].close()
    assert here() == before


def test_it_is_left_after_an_error():
    before = here()
    with pytest.raises(ValueError, match="of the test"), own_network():
        raise ValueError("of the test")
    assert here() == before


def test_several_are_there_at_once_and_a_kill_leaves_nothing():
    children = [
        subprocess.Popen(
            [sys.executable, "-c", KILLED],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        for _ in range(2)
    ]
    try:
        # The same port in both, and the same names of interfaces.
        assert [child.stdout.readline() for child in children] == ["at work\n"] * 2
        networks = {os.readlink(f"/proc/{child.pid}/ns/net") for child in children}
        assert len(networks | {here()}) == 3
    finally:
        for child in children:
            child.send_signal(signal.SIGKILL)
            child.communicate()
    assert "live0" not in {name for _, name in socket.if_nameindex()}
    with own_network():
        assert {name for _, name in socket.if_nameindex()} >= {"lo", "live0", "live1"}
