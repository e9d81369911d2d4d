#!/usr/bin/env bash
# One monitor, many targets: benches/monitor/soak.sh [--targets N] [--minutes M] [--port P]
#
# Plays N simulated servers (1,000) on loopback addresses in a process of their own and watches them, a round a second
# each, for M minutes (20). Prints the processor time of the monitor, its memory and file descriptors over time, and
# how late its rounds were. The bars: under 60 % of one core, 100 MiB, 50 ms late at the 99th percentile, memory flat
# over the second half, no descriptor left behind. Ends with status 1 if one is missed. Linux.
set -euo pipefail
cd "$(dirname "$0")/../.."

targets=1000 minutes=20 port=23389
while [ $# -gt 0 ]; do
  case $1 in
    --targets) targets=$2 ;;
    --minutes) minutes=$2 ;;
    --port) port=$2 ;;
    *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
seconds=$(awk "BEGIN { print int($minutes * 60) }")

# A server that is silent keeps its connection for a while, and the one before it may still be taking leave.
ulimit -n 16384 2>/dev/null || ulimit -n "$(ulimit -Hn)"

soak=$(cargo build --release --bench soak --message-format=json | sed -n 's/.*"executable":"\([^"]*soak-[^"]*\)".*/\1/p' | tail -n 1)
[ -x "$soak" ] || { echo "soak.sh: the bench was not built" >&2; exit 1; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/rdprobe-soak.XXXXXX")
responder='' monitor=''
finish() {
  [ -z "$monitor" ] || kill "$monitor" 2>/dev/null || true
  [ -z "$responder" ] || kill "$responder" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT

"$soak" respond "$targets" "$port" >"$scratch/ready" &
responder=$!
until grep -q ready "$scratch/ready"; do
  kill -0 "$responder" 2>/dev/null || { echo "soak.sh: the servers did not start" >&2; exit 1; }
  sleep 0.1
done
"$soak" watch "$targets" "$port" "$seconds" >"$scratch/watched" &
monitor=$!

# ticks PID: its processor time in clock ticks, the name's parentheses passed over (proc(5)).
ticks() { sed 's/^.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }
# sample: seconds, clock ticks, resident KiB, open files.
sample() {
  printf '%s %s %s %s\n' "$(awk '{ print $1 }' /proc/uptime)" "$(ticks "$monitor")" \
    "$(awk '/^VmRSS/ { print $2 }' "/proc/$monitor/status")" "$(find "/proc/$monitor/fd" -mindepth 1 | wc -l)"
}

every=$((seconds > 300 ? 30 : 5))
echo "$targets targets, a round a second each, $minutes min: seconds, % of one core since the last line, MiB, open files"
sleep 1
sample >"$scratch/samples"
began=$SECONDS
while [ $((SECONDS - began + every)) -lt $((seconds - 1)) ]; do
  sleep "$every"
  sample >>"$scratch/samples"
  tail -n 2 "$scratch/samples" | awk -v hz="$(getconf CLK_TCK)" -v since=$((SECONDS - began)) '
    NR == 1 { at = $1; cpu = $2 }
    NR == 2 { printf "%6d %5.1f %6.1f %6d\n", since, 100 * ($2 - cpu) / hz / ($1 - at), $3 / 1024, $4 }'
done
wait "$monitor"
monitor=''
cat "$scratch/watched"

awk -v hz="$(getconf CLK_TCK)" -v watched="$(cat "$scratch/watched")" '
  { at[NR] = $1; cpu[NR] = $2; rss[NR] = $3 / 1024; files[NR] = $4; if (rss[NR] > most) most = rss[NR] }
  END {
    half = int((NR + 1) / 2)
    core = 100 * (cpu[NR] - cpu[1]) / hz / (at[NR] - at[1])
    for (i = half; i <= NR; i++) { if (files[i] > last_files) last_files = files[i] }
    for (i = 1; i <= half; i++) { if (files[i] > first_files) first_files = files[i] }
    match(watched, /late p50 [0-9]+ p99 [0-9]+/)
    split(substr(watched, RSTART, RLENGTH), late, " ")
    growth = rss[NR] - rss[half]
    printf "%.1f %% of one core; %.1f MiB at most, %+.1f MiB over the second half; open files at most %d, then %d; late p50 %.1f ms, p99 %.1f ms\n",
      core, most, growth, first_files, last_files, late[3] / 1000, late[5] / 1000
    bad = core >= 60 || most > 100 || growth > 0.05 * rss[half] || last_files > first_files * 1.2 + 16 || late[5] > 50000
    print bad ? "soak: a bar is missed" : "soak: every bar is met"
    exit bad
  }' "$scratch/samples"
