#!/usr/bin/env python3
"""Joins two network namespaces by TUN devices whose packets arrive late: tundelay.py CLIENT SERVER --delay MS

Stands in for netem where the kernel has none. CLIENT becomes 10.88.0.1/16, SERVER 10.88.0.2/16, both on tun0.
--loss PERCENT drops packets at random. Prints `ready`; SIGUSR1 cuts and mends the link, SIGTERM ends it.
--relay PROGRAM leaves the packets to a faster one: `PROGRAM relay MS`, with the two devices as stdin and stdout; it
knows neither loss nor cuts.
"""
import argparse
import collections
import ctypes
import fcntl
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001


def open_tun(namespace, address):
    """A TUN device inside the namespace; the descriptor stays usable from anywhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as space:
        if libc.setns(space.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN_NO_PI))
    subprocess.check_call(["ip", "addr", "add", f"{address}/16", "dev", "tun0"])
    subprocess.check_call(["ip", "link", "set", "tun0", "up", "txqueuelen", "10000"])
    return tun


class Link:
    """Both directions share one queue: the delay is the same for every packet, so order of arrival is order of departure."""

    def __init__(self, client, server, delay_s, loss):
        self.other = {client: server, server: client}
        self.delay_s, self.loss, self.cut = delay_s, loss, False
        self.queue = collections.deque()

    def take(self, tun):
        for _ in range(64):
            try:
                packet = os.read(tun, 65536)
            except OSError:
                return
            if not self.cut and random.random() >= self.loss:
                self.queue.append((time.monotonic() + self.delay_s, self.other[tun], packet))

    def hand_on(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, tun, packet = self.queue.popleft()
            try:
                os.write(tun, packet)
            except OSError:
                pass

    def run(self):
        poll = select.epoll()
        for tun in self.other:
            poll.register(tun, select.EPOLLIN)
        while True:
            self.hand_on()
            wait = max(0.0, self.queue[0][0] - time.monotonic()) if self.queue else 1.0
            # epoll counts in milliseconds and rounds up: the last fraction is spent turning.
            for tun, _ in poll.poll(0 if wait < 0.001 else wait - 0.0005):
                self.take(tun)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client")
    parser.add_argument("server")
    parser.add_argument("--delay", type=float, default=25.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--relay")
    args = parser.parse_args()
    client, server = open_tun(args.client, "10.88.0.1"), open_tun(args.server, "10.88.0.2")
    if args.relay:
        print("ready", flush=True)
        os.dup2(client, 0)
        os.dup2(server, 1)
        os.execv(args.relay, [args.relay, "relay", str(args.delay)])
    link = Link(client, server, args.delay / 1e3, args.loss / 100)

    def toggle(*_):
        link.cut = not link.cut

    signal.signal(signal.SIGUSR1, toggle)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    link.run()


main()
