"""The measuring behind fleet.sh: fleet.py --rdprobe BIN --responder BIN [...]"""
import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys

import fleet_picture
from fleet_lab import Fleet, address, scratch
from fleet_tools import THREE_SCRIPTS, bare, nmap_tools, rdprobe, sslscan, sslyze

IN_FLIGHT = 2000
# Every answer is wanted, and so many targets a second, by depth and round trip in ms.
RATES = {("x224", 0): 8000, ("x224", 50): 4500, ("nla", 0): 1600, ("nla", 50): 1300}
TIMES_NMAP = 5
RSS_MIB = 64
CURVE = [100, 1000, 10_000, 100_000]
CURVE_DEPTHS = ["x224", "nla"]


def arguments():
    parser = argparse.ArgumentParser()
    numbers = lambda text: [int(each) for each in text.split(",")]
    parser.add_argument("--rdprobe", required=True)
    parser.add_argument("--responder", required=True)
    parser.add_argument("--sslyze", default="sslyze")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", type=lambda text: text.split(","))
    parser.add_argument("--runs", type=int)
    parser.add_argument("--counts", type=numbers)
    parser.add_argument("--round-trips", type=numbers, default=[0, 50])
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT)
    parser.add_argument("--curve", metavar="SVG")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--ahead", action="store_true")
    args = parser.parse_args()
    args.runs = args.runs or (1 if args.quick else 3)
    args.counts = args.counts or ([1000] if args.quick else [1000, 10_000])
    return args


def tools(args):
    """Every tool that is wanted and there, ours beside each peer."""
    ours = [rdprobe(args.rdprobe, depth, args.in_flight) for depth in ("tcp", "x224", "nla")]
    ours.append(rdprobe(args.rdprobe, "full", None))
    floor = [bare(args.responder, depth, 1000) for depth in ("tcp", "x224", "nla")]
    slow = [(sslscan(), "sslscan"), (sslyze(args.sslyze), args.sslyze)]
    wanted = [(tool, args.rdprobe) for tool in ours] + [(tool, args.responder) for tool in floor]
    wanted += [(tool, "nmap") for tool in nmap_tools()] + slow
    for tool, program in wanted:
        if args.quick and tool.slow and tool.key != THREE_SCRIPTS:
            continue
        if not any(word in tool.name for word in args.only):
            continue
        if shutil.which(program) is None:
            print(f"LEFT OUT: {tool.name}: {program} is not installed", file=sys.stderr)
            continue
        yield tool


def measure(args, folder):
    """Runs of each tool by key, round trip and count; the tools take turns, so that all meet the same machine."""
    measured = {}
    for round_trip in args.round_trips:
        with Fleet(args.responder, round_trip, folder) as fleet:
            for count in args.counts:
                for turn in range(args.runs):
                    for tool in tools(args):
                        many = min(count, tool.at_most)
                        if (tool.slow and turn > 0) or (tool.at_most < count and args.counts[0] < count):
                            continue
                        print(f"{round_trip} ms, {many} targets, {tool.name}", file=sys.stderr, flush=True)
                        run = fleet.run(tool.command(fleet, many), many, tool.right)
                        measured.setdefault((tool.key, round_trip, many), (tool, []))[1].append(run)
    return measured


def table(measured):
    print("| tool | round trip | targets | targets/s (least-most) | client CPU, ms a target | peak RSS, MiB "
          "| answered rightly | of one core: the machines, the link; both cores busy |")
    print("|---|---|---|---|---|---|---|---|")
    for (_, round_trip, count), (tool, runs) in measured.items():
        middle = sorted(runs, key=lambda run: run.rate)[len(runs) // 2]
        rates = [run.rate for run in runs]
        print(
            f"| {tool.name} | {round_trip} ms | {count:,} | {figure(middle.rate)} ({figure(min(rates))}-{figure(max(rates))}) "
            f"| {middle.client_cpu / count * 1e3:.3f} | {max(run.rss_mib for run in runs):.1f} "
            f"| {min(run.right for run in runs):,} | {share(middle.server_cpu, middle)}, {share(middle.relay_cpu, middle)}; "
            f"{middle.busy / os.cpu_count():.0%} |"
        )
    print(flush=True)


def figure(rate):
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 1 else f"{rate:.2f}"


def share(cpu, run):
    return f"{cpu / run.seconds:.0%}"


def bars(measured, in_flight):
    """Each bar: its name, the figure, whether it holds; those whose tools did not run are left out."""
    most = {}
    for (key, round_trip, count), (_, runs) in measured.items():
        if key.startswith("rdprobe"):
            most[key, round_trip] = max(most.get((key, round_trip), (0, None)), (count, runs), key=lambda it: it[0])
            right = min(run.right for run in runs)
            yield f"{key}, {round_trip} ms, {count:,} targets: answered rightly, all", right, right == count
    for (depth, round_trip), least in RATES.items():
        if (f"rdprobe {depth}", round_trip) in most:
            count, runs = most[f"rdprobe {depth}", round_trip]
            rate = statistics.median(run.rate for run in runs)
            name = f"{depth}, {round_trip} ms, {count:,} targets: targets/s, at least {least:,}"
            yield name, figure(rate), rate >= least
    for (key, round_trip, count), (_, runs) in measured.items():
        ours = measured.get(("rdprobe full", round_trip, count))
        if key == THREE_SCRIPTS and ours:
            times = statistics.median(run.rate for run in ours[1]) / statistics.median(run.rate for run in runs)
            name = f"full, {round_trip} ms: times nmap's three scripts, at least {TIMES_NMAP}"
            yield name, f"{times:.1f}", times >= TIMES_NMAP
    rss = [run.rss_mib for (key, *_), (_, runs) in measured.items() if key.startswith("rdprobe") for run in runs]
    if rss:
        yield f"peak RSS in MiB with {in_flight:,} in flight, under {RSS_MIB}", f"{max(rss):.1f}", max(rss) < RSS_MIB


def curve(args, folder):
    """Time and memory for growing lists: a table and a picture. Each list once, and the memory must not grow."""
    rows = []
    with Fleet(args.responder, 0, folder) as fleet:
        for depth in CURVE_DEPTHS:
            tool = rdprobe(args.rdprobe, depth, args.in_flight)
            for count in CURVE:
                runs = [fleet.run(tool.command(fleet, count), count, tool.right) for _ in range(args.runs)]
                rows.append((depth, count, sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]))
    print("| depth | targets | seconds | targets/s | peak RSS, MiB | answered rightly |\n|---|---|---|---|---|---|")
    for depth, count, run in rows:
        print(f"| {depth} | {count:,} | {run.seconds:.2f} | {figure(run.rate)} | {run.rss_mib:.1f} | {run.right:,} |")
    print(flush=True)
    pathlib.Path(args.curve).write_text(fleet_picture.draw(rows, args.in_flight))
    for depth in CURVE_DEPTHS:
        rss = {count: run.rss_mib for row_depth, count, run in rows if row_depth == depth}
        full = min(count for count in CURVE if count >= args.in_flight)
        grown = rss[CURVE[-1]] / rss[full]
        yield f"{depth}: RSS of {CURVE[-1]:,} targets over that of {full:,}, at most 1.15", f"{grown:.2f}", grown <= 1.15
        yield f"{depth}: RSS in MiB of {CURVE[-1]:,} targets, under {RSS_MIB}", f"{rss[CURVE[-1]]:.1f}", rss[CURVE[-1]] < RSS_MIB
    yield "every target answered rightly", sum(run.right for *_, run in rows), all(run.right == count for _, count, run in rows)


def parts(args, folder):
    """What each part costs for one target, between two processes on one veth pair."""
    with Fleet(args.responder, 0, folder) as fleet:
        inside = ["ip", "netns", "exec", fleet.client]
        subprocess.run([*inside, args.responder, "parts", f"{address(0)}:3389"], check=True)


def main():
    args = arguments()
    load = os.getloadavg()[0]
    how = ", everything measured ahead of all else" if args.ahead else ""
    print(f"{os.cpu_count()} cores, Linux {platform.release()}, load average {load:.1f} before{how}.\n", flush=True)
    if args.ahead:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with scratch() as folder:
        if args.parts:
            return parts(args, folder)
        if args.curve:
            held = list(curve(args, folder))
        else:
            measured = measure(args, folder)
            table(measured)
            held = list(bars(measured, args.in_flight))
    for name, value, holds in held:
        print(f"{'PASS' if holds else 'FAIL'}  {name}: {value}", flush=True)
    sys.exit(0 if all(holds for *_, holds in held) else 1)


main()
