"""What fleet.py runs: each tool, its fastest settings, and how many of its answers are right."""
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from typing import Callable

from fleet_lab import address, machine

NMAP = "nmap -n -Pn -sT -T5 --max-parallelism 500 --min-hostgroup 1000 -p 3389".split()


@dataclass
class Tool:
    """One tool at one depth."""

    name: str
    # Of the fleet and the count: what to run.
    command: Callable
    # Of the file that it printed to: how many targets it told rightly.
    right: Callable
    # Not asked more targets than these: the slow ones are rates, found on fewer.
    at_most: int = 10_000
    # Left out by --quick, and run once.
    slow: bool = False
    # The name under which bars look it up.
    key: str = ""


def rdprobe(program, depth, in_flight):
    """`in_flight` None: as many as it takes by itself."""
    many = ["--concurrency", str(in_flight)] if in_flight else []

    def command(fleet, count):
        return [program, "scan", fleet.list_of(count), "--depth", depth, *many, "--format", "ndjson"]

    def right(out):
        return sum(told_rightly(json.loads(line), depth) for line in out.open() if line.startswith("{"))

    return Tool(" ".join(["rdprobe scan --depth", depth, *many]), command, right, key=f"rdprobe {depth}")


def told_rightly(row, depth):
    """Whether a row of ours says what the machine at its address is."""
    if row.get("verdict") not in ("reachable", "stage_passed"):
        return False
    shown = list(row["addresses"].values())
    if len(shown) != 1 or depth == "tcp":
        return len(shown) == 1
    if depth == "x224":
        return shown[0]["protocol"] is not None and shown[0]["protocol"].startswith("HYBRID")
    name = f"{machine(row['target'].split(':')[0])}.fleet.test"
    return shown[0]["name"] == name and (depth == "nla" or shown[0]["nla"] == "required")


def bare(program, depth, in_flight):
    return Tool(
        f"bare client, {depth}, {in_flight} in flight",
        lambda fleet, count: [program, "reach", depth, f"{address(0)}:3389", str(count), str(in_flight)],
        lambda out: int(out.read_text().split()[0]),
        key=f"bare {depth}",
    )


def nmap(name, scripts, right, **more):
    arguments = ["--script", scripts] if scripts else []
    return Tool(
        name, lambda fleet, count: [*NMAP, *arguments, "-oX", "-", "-iL", fleet.list_of(count)], right, key=name, **more
    )


def nmap_hosts(out):
    """The address and the element of every host that nmap told of."""
    for _, element in ElementTree.iterparse(out):
        if element.tag == "host":
            yield element.find("address").get("addr"), element
            element.clear()


def nmap_open(out):
    return sum(host.find(".//port/state[@state='open']") is not None for _, host in nmap_hosts(out))


def nmap_names(out):
    def name(host):
        return host.findtext(".//elem[@key='NetBIOS_Computer_Name']")

    return sum(name(host) == machine(at) for at, host in nmap_hosts(out))


def nmap_layers(out):
    def told(host):
        script = host.find(".//script[@id='rdp-enum-encryption']")
        return "CredSSP (NLA): SUCCESS" in script.get("output") if script is not None else False

    return sum(told(host) for _, host in nmap_hosts(out))


def sslscan():
    def right(out):
        hosts = out.read_text().split("Testing SSL server")[1:]
        return sum(bool(re.search(r"TLSv1\.2 +enabled", host) and re.search(r"TLSv1\.3 +enabled", host)) for host in hosts)

    def command(fleet, count):
        listed = fleet.folder / f"sslscan-{count}.txt"
        listed.write_text("".join(f"{address(index)}:3389\n" for index in range(count)))
        return ["sslscan", "--rdp", "--no-colour", f"--targets={listed}"]

    return Tool("sslscan --rdp", command, right, at_most=5, slow=True, key="sslscan")


def sslyze(program):
    versions = ["--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]

    def command(fleet, count):
        listed = fleet.folder / f"sslyze-{count}.txt"
        listed.write_text("".join(f"{address(index)}:3389\n" for index in range(count)))
        return [program, "--starttls", "rdp", "--certinfo", *versions, "--targets_in", listed, "--json_out", "-"]

    def right(out):
        results = json.loads(out.read_text() or "{}").get("server_scan_results", [])
        return sum(knows_all(result["scan_result"]) for result in results)

    def knows_all(told):
        # Null where sslyze failed at it.
        results = [told[f"tls_1_{minor}_cipher_suites"]["result"] for minor in (0, 1, 2, 3)]
        accepted = [bool(result["accepted_cipher_suites"]) if result else None for result in results]
        return accepted == [False, False, True, True]

    return Tool("sslyze --starttls rdp, certificate and 4 versions (judged by the versions)", command, right, at_most=40, slow=True, key="sslyze")


THREE_SCRIPTS = "nmap, 3 RDP scripts"


def nmap_tools():
    return [
        nmap("nmap -sT, the port only", "", nmap_open),
        nmap("nmap rdp-ntlm-info", "rdp-ntlm-info", nmap_names),
        nmap("nmap rdp-enum-encryption", "rdp-enum-encryption", nmap_layers, at_most=1000, slow=True),
        nmap(
            THREE_SCRIPTS, "rdp-enum-encryption,rdp-ntlm-info,rdp-vuln-ms12-020", nmap_names, at_most=1000, slow=True
        ),
    ]
