"""The fleet that fleet.py measures against: namespaces, the machines, and what one run of a client costs."""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

LAB = pathlib.Path(__file__).resolve().parents[2] / "tests/lab"
FIRST = 0x0A600001  # 10.96.0.1
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def address(index):
    return ".".join(str(octet) for octet in (FIRST + index).to_bytes(4, "big"))


def machine(text):
    """What the machine at an address calls itself."""
    return "T" + bytes(int(octet) for octet in text.split(".")).hex().upper()


@dataclass
class Run:
    """What one run of a client gave and took."""

    targets: int
    seconds: float
    client_cpu: float
    rss_mib: float
    server_cpu: float
    relay_cpu: float
    busy: float
    right: int

    @property
    def rate(self):
        return self.targets / self.seconds


class Fleet:
    """Two namespaces, so many ms apart, and a program that plays every machine behind the server's address."""

    def __init__(self, responder, round_trip_ms, folder):
        self.folder = pathlib.Path(folder)
        self.round_trip_ms = round_trip_ms
        # The machines hold a descriptor for every connection; the clients raise their own limit as far as they like.
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        delay = ["--delay", str(round_trip_ms / 2), "--relay", str(responder)] if round_trip_ms else []
        self.spaces = subprocess.Popen([LAB / "ns.sh", *delay], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.spaces.stdout.readline().split()
        if ready[:1] != ["ready"]:
            sys.exit("the namespaces did not come up")
        _, self.client, self.server = ready
        subprocess.run(["ip", "-n", self.server, "route", "add", "local", "10.96.0.0/12", "dev", "lo"], check=True)
        # By a gateway: one neighbour to resolve, not thousands.
        subprocess.run(["ip", "-n", self.client, "route", "add", "10.96.0.0/12", "via", "10.88.0.2"], check=True)
        self.kernel(self.server, {"core/somaxconn": "65535", "ipv4/tcp_max_syn_backlog": "65535"})
        self.kernel(self.client, {"ipv4/ip_local_port_range": "1024 65535"})
        inside = ["ip", "netns", "exec", self.server]
        self.machines = subprocess.Popen(
            [*inside, responder, "serve", "0.0.0.0:3389", "2"], stdout=subprocess.PIPE, text=True
        )
        if self.machines.stdout.readline() != "ready\n":
            sys.exit("the machines did not come up")
        self.relay = self.find_relay(responder) if round_trip_ms else None

    def kernel(self, space, values):
        for name, value in values.items():
            script = f"echo '{value}' > /proc/sys/net/{name}"
            subprocess.run(["ip", "netns", "exec", space, "sh", "-c", script], check=True)

    def find_relay(self, responder):
        """The process that became the relay: the responder's program, and not the machines."""
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [os.fsencode(responder), b"relay"] and self.is_below(entry.name, self.spaces.pid):
                return int(entry.name)
        sys.exit("no relay is running")

    def is_below(self, pid, ancestor):
        while int(pid) > 1:
            pid = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
            if int(pid) == ancestor:
                return True
        return False

    def end(self):
        self.machines.terminate()
        self.machines.wait()
        self.spaces.stdin.close()
        self.spaces.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def list_of(self, count):
        """A file with so many addresses, one a line."""
        path = self.folder / f"{count}.txt"
        if not path.exists():
            path.write_text("".join(f"{address(index)}\n" for index in range(count)))
        return path

    def run(self, command, targets, right, limit_s=1800):
        """Runs a client; `right` reads what it printed and says how many targets it told rightly."""
        out, cost = self.folder / "out", self.folder / "cost"
        inside = ["ip", "netns", "exec", self.client, "/usr/bin/time", "-q", "-f", "%U %S %M", "-o", cost]
        before = [ticks(self.machines.pid), ticks(self.relay), idle()]
        began = time.perf_counter()
        with out.open("w") as stdout:
            subprocess.run(
                [*inside, *command], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, timeout=limit_s
            )
        seconds = time.perf_counter() - began
        server, relay, rest = (now - then for now, then in zip([ticks(self.machines.pid), ticks(self.relay), idle()], before))
        user, system, rss = cost.read_text().split()[-3:]
        return Run(
            targets, seconds, float(user) + float(system), int(rss) / 1024, server, relay,
            max(0.0, os.cpu_count() - rest / seconds), right(out),
        )


def ticks(pid):
    """Seconds of processor time of a process."""
    if pid is None:
        return 0.0
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def idle():
    """Seconds that the machine's processors were idle."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / CLOCK_TICKS


def scratch():
    return tempfile.TemporaryDirectory(prefix="rdprobe-fleet.")
