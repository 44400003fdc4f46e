"""A network of one's own, in which a browser and the dashboard find each other by WebRTC, for benchmarks and tests.

On a bare machine it depends on the machine's addresses whether Chromium and aiortc connect: a loopback address alone
is none they offer each other. Here there is a network namespace with one more address, and nothing of the machine's
own network: nothing can leave it, and what others do with theirs changes nothing.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

ADDRESS = "10.77.0.1"

# With these flags Chromium tells its real addresses, the loopback's too.
CONNECTING = ("--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection")

_CLONE_NEWNET = 0x40000000  # from <sched.h>; Python has os.unshare and os.setns from 3.12 on
_libc = ctypes.CDLL(None, use_errno=True)


class NoNetwork(Exception):
    """There can be no network of one's own here; the message says why."""


@contextmanager
def own_network() -> Iterator[None]:
    """The calling thread, and every process it starts, is in a new network with 127.0.0.1 and ADDRESS.

    The network has no name: two can be there at the same time, and each is gone with its last process, even when that
    is killed. Raises NoNetwork.
    """
    if shutil.which("ip") is None:
        raise NoNetwork("needs the command ip: apt-get install iproute2")
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if _libc.unshare(_CLONE_NEWNET) != 0:
            raise NoNetwork(f"needs a network namespace: {os.strerror(ctypes.get_errno())}; root can make one")
        try:
            _set_up()
            yield
        finally:
            if _libc.setns(before, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "can't go back to the network from before")
    finally:
        os.close(before)


@contextmanager
def no_way_through() -> Iterator[None]:
    """Within a network of one's own: without ADDRESS, so that WebRTC does not connect while pages still come."""
    _ip(f"address del {ADDRESS}/24 dev live0")
    try:
        yield
    finally:
        _ip(f"address add {ADDRESS}/24 dev live0")


def _set_up() -> None:
    """The loopback, and a pair of interfaces joined to each other, one of which has an address."""
    _ip("link set lo up")
    _ip("link add live0 type veth peer name live1")
    _ip(f"address add {ADDRESS}/24 dev live0")
    _ip("link set live0 up")
    _ip("link set live1 up")


def _ip(command: str) -> None:
    done = subprocess.run(["ip", *command.split()], capture_output=True, text=True)
    if done.returncode != 0:
        raise NoNetwork(f"`ip {command}` failed: {done.stderr.strip()}")
