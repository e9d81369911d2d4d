"""The measuring behind one-target.sh: one_target.py RDPROBE."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

LAB = pathlib.Path(__file__).resolve().parents[2] / "tests/lab"
RUNS = int(os.environ.get("RUNS", "5"))
IN_A_ROW = 200
NMAP = "nmap -Pn -n -T4 -p 3389 --script rdp-enum-encryption,rdp-ntlm-info,rdp-vuln-ms12-020".split()
TARGETS = [("xrdp", "10.88.0.2"), ("shadow NLA", "10.88.0.3"), ("xrdp TLS 1.2", "10.88.0.4")]
SYN_COUNTER = """table inet count {
  counter syns { }
  chain in {
    type filter hook input priority 0;
    tcp dport 3389 tcp flags & (syn|ack) == syn counter name syns;
  }
}
"""


class Lab:
    """The servers and namespaces; the scripts end when their stdin closes, whatever ends this process."""

    def __init__(self, folder):
        self.running = []
        self.client, self.server = self.start([LAB / "ns.sh", "--delay", "25"]).split()
        subprocess.run(["ip", "netns", "exec", self.server, "nft", "-f", "-"], input=SYN_COUNTER, text=True, check=True)
        for address in ("10.88.0.3", "10.88.0.4"):
            subprocess.run(["ip", "-n", self.server, "addr", "add", f"{address}/32", "dev", "tun0"], check=True)
        subprocess.run([LAB / "certs.sh", folder, "good"], check=True)
        keys = [f"certificate={folder}/good.crt", f"key_file={folder}/good.key"]
        inside = ["ip", "netns", "exec", self.server]
        self.start([*inside, LAB / "xrdp.sh", "10.88.0.2:3389", *keys])
        self.start([*inside, LAB / "shadow.sh", "10.88.0.3:3389", "nla"])
        self.start([*inside, LAB / "xrdp.sh", "10.88.0.4:3389", *keys, "ssl_protocols=TLSv1.2"])

    def start(self, command):
        script = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.running.append(script)
        line = script.stdout.readline()
        if not line.startswith("ready "):
            sys.exit(f"did not start: {command}")
        return line.removeprefix("ready ").strip()

    def end(self):
        for script in reversed(self.running):
            script.stdin.close()
            script.wait()

    def syns(self):
        told = subprocess.run(
            ["ip", "netns", "exec", self.server, "nft", "list", "counter", "inet", "count", "syns"],
            capture_output=True, text=True, check=True,
        ).stdout
        return int(re.search(r"packets (\d+)", told).group(1))

    def run(self, command):
        """Seconds, TCP connections, peak RSS in MiB and stdout of one run from the client's namespace."""
        before = self.syns()
        with tempfile.NamedTemporaryFile("r") as peak:
            began = time.perf_counter()
            done = subprocess.run(
                ["ip", "netns", "exec", self.client, "/usr/bin/time", "-q", "-f", "%M", "-o", peak.name, *command],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
            )
            seconds = time.perf_counter() - began
            return seconds, self.syns() - before, int(peak.read().split()[-1]) / 1024, done.stdout


def several(lab, command):
    """Median, least and most seconds, connections, RSS, and every stdout."""
    runs = [lab.run(command) for _ in range(RUNS)]
    seconds, connections, rss, outputs = zip(*runs)
    return {
        "seconds": statistics.median(seconds), "least": min(seconds), "most": max(seconds),
        "connections": max(connections), "rss": max(rss), "outputs": outputs,
    }


def phases(output):
    """Of one report: connection 1's serial phases, the whole, both in ms, and the whole over the serial."""
    evidence = json.loads(output)["evidence"]
    route = evidence["routes"][0]
    steps = [route["connect"], route["negotiate"][0], route["handshake"], route["credssp"]]
    serial = sum(step["elapsed_ms"] for step in steps)
    return serial, evidence["elapsed_ms"], evidence["elapsed_ms"] / serial


def connects(output):
    route = json.loads(output)["evidence"]["routes"][0]
    return [row["connect_ms"] for row in route["negotiate"] + route["tls_versions"]]


def tools(rdprobe):
    yield "rdprobe", lambda address: [rdprobe, address, "--format", "json"]
    yield "nmap, 3 RDP scripts, -T4", lambda address: [*NMAP, address]
    yield "sslscan --rdp", lambda address: ["sslscan", "--rdp", "--no-colour", f"{address}:3389"]


def compare(lab, rdprobe):
    measured = {}
    print("| tool | target | median s (min-max) | times rdprobe | TCP connections | RSS MiB |")
    print("|---|---|---|---|---|---|")
    for target, address in TARGETS:
        for tool, command in tools(rdprobe):
            if tool != "rdprobe" and address == "10.88.0.4":
                continue
            result = measured[tool, target] = several(lab, command(address))
            ratio = result["seconds"] / measured["rdprobe", target]["seconds"]
            print(
                f"| {tool} | {target} | {result['seconds']:.3f} ({result['least']:.3f}-{result['most']:.3f}) "
                f"| {ratio:.1f} | {result['connections']} | {result['rss']:.0f} |",
                flush=True,
            )
    print()
    return measured


def bars(lab, rdprobe, measured):
    """Each bar: its name, the figure, whether it holds."""
    for target, _ in TARGETS:
        serial, whole, ratio = sorted(
            (phases(output) for output in measured["rdprobe", target]["outputs"]), key=lambda each: each[2]
        )[RUNS // 2]
        name = f"{target}: whole probe {whole:.1f} ms over connection 1's phases {serial:.1f} ms, at most 1.25"
        yield name, f"{ratio:.3f}", ratio <= 1.25
        count = measured["rdprobe", target]["connections"]
        yield f"{target}: TCP connections, at most 9", count, 1 <= count <= 9
        rss = measured["rdprobe", target]["rss"]
        yield f"{target}: peak RSS in MiB, under 25", f"{rss:.1f}", rss < 25
    seconds = measured["rdprobe", "xrdp TLS 1.2"]["seconds"]
    yield "seconds with TLS 1.2, under 0.40", f"{seconds:.3f}", seconds < 0.40
    for target in ("xrdp", "shadow NLA"):
        times = measured["nmap, 3 RDP scripts, -T4", target]["seconds"] / measured["rdprobe", target]["seconds"]
        yield f"{target}: times faster than nmap's three scripts, at least 7", f"{times:.1f}", times >= 7

    slowest = max(max(connects(lab.run([rdprobe, "10.88.0.2", "--format", "json"])[3])) for _ in range(IN_A_ROW))
    yield f"slowest connect in {IN_A_ROW} probes of xrdp in ms, at most 200", f"{slowest:.1f}", slowest <= 200
    versions = []
    for _ in range(20):
        began = time.perf_counter()
        subprocess.run([rdprobe, "--version"], stdout=subprocess.DEVNULL, check=True)
        versions.append((time.perf_counter() - began) * 1e3)
    version = statistics.median(versions)
    yield "rdprobe --version in ms, under 10", f"{version:.1f}", version < 10


def main():
    rdprobe = sys.argv[1]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="rdprobe-bench.") as folder:
        lab = Lab(folder)
        try:
            print(f"One target, round trip 50 ms, medians of {RUNS} whole-process runs.\n", flush=True)
            measured = compare(lab, rdprobe)
            for name, figure, holds in bars(lab, rdprobe, measured):
                missed += not holds
                print(f"{'PASS' if holds else 'FAIL'}  {name}: {figure}", flush=True)
        finally:
            lab.end()
    sys.exit(1 if missed else 0)


main()
