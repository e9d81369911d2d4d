# Sourced by the lab's server scripts: a scratch folder of its own, a clean end, free ports.
#
# Every such script starts its server, prints one line `ready ...` on stdout and lives until its stdin closes or a
# signal comes; then it ends everything that it started and removes its scratch folder. Whoever dies without a word
# closes the pipe, so that nothing is left behind.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/rdprobe-lab.XXXXXX")
chmod 755 "$scratch"
started=()

die() {
  printf 'lab: %s\n' "$*" >&2
  for log in "$scratch"/*.log; do [ ! -s "$log" ] || tail -n 20 "$log" >&2; done
  exit 1
}

# What else a script has to undo; redefined where needed.
undo() { :; }

finish() {
  trap - EXIT
  trap '' INT TERM HUP
  local pid
  for pid in "${started[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do
    for _ in $(seq 100); do kill -0 -- "-$pid" 2>/dev/null || break; sleep 0.02; done
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
  undo
  if [ -n "${RDPROBE_LAB_KEEP-}" ]; then echo "lab: kept: $scratch" >&2; else rm -rf "$scratch"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# start NAME COMMAND...: in the background, as the leader of a process group, with NAME.log and NAME.pid in the scratch folder.
start() {
  local name=$1
  shift
  setsid "$@" >"$scratch/$name.log" 2>&1 </dev/null &
  started+=($!)
  echo $! >"$scratch/$name.pid"
}

# await NAME SECONDS COMMAND...: until COMMAND succeeds; NAME must stay alive meanwhile.
await() {
  local name=$1 seconds=$2
  shift 2
  for _ in $(seq $((seconds * 50))); do
    "$@" && return
    kill -0 "$(cat "$scratch/$name.pid")" 2>/dev/null || die "$name ended before it was ready"
    sleep 0.02
  done
  die "$name was not ready after $seconds s"
}

listens() { ss -Hltn "src $1 and sport = :$2" | grep -q .; }

# free_port ADDRESS: a port outside the range from which the system takes ports of its own.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 10000))
    listens "$1" "$port" || { echo $port; return; }
  done
  die "no free port on $1"
}

# address_and_port ADDRESS:PORT: sets both; PORT 0 takes a free one.
address_and_port() {
  address=${1%:*} port=${1##*:}
  case $address in 127.* | 10.88.*) ;; *) die "the lab listens on loopback and in its own namespaces only: $1" ;; esac
  [ "$port" != 0 ] || port=$(free_port "$address")
}

serve_until_stdin_closes() {
  printf 'ready %s\n' "$*"
  while read -r _; do :; done
}
