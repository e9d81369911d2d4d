#!/usr/bin/env bash
# Measures many targets, rdprobe beside its peers: benches/peers/fleet.sh [--quick] [--only NAMES] [--curve] [...]
#
# Needs Debian and root. Installs the lab, nmap, sslscan and sslyze, builds for release, and asks 1,000 and 10,000
# machines in a network namespace, without delay and with a round trip of 50 ms. All machines are played by one program
# (benches/peers/responder), which is measured too: a bare client that does nothing beyond the bytes shows how much it
# would give. Prints a Markdown table, and PASS or FAIL for every bar. Fails if a bar is missed.
#
#   --quick            1,000 targets, one run each, without the slow peers
#   --only A,B         only the tools whose name holds A or B; no bars for the others
#   --runs N           how often each tool runs (3)
#   --counts N,M       how many targets (1000,10000)
#   --round-trips A,B  in ms (0,50)
#   --curve SVG        no peers: time and memory for 100 to 100,000 targets, drawn as a picture
#   --parts            no peers: what each part costs for one target
#   --ahead            on a machine that others use: clients, machines and link run before everything else (SCHED_RR)
#   --no-install       nothing is installed; a peer that is missing is left out, loudly
set -euo pipefail
cd "$(dirname "$0")/../.."
install=yes options=()
for option in "$@"; do
  case $option in
    --no-install) install=no ;;
    --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
    *) options+=("$option") ;;
  esac
done

target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
if [ $install = yes ]; then
  tests/lab/install.sh --peers --build
  [ -x "$target/sslyze/bin/sslyze" ] || {
    python3 -m venv "$target/sslyze" && "$target/sslyze/bin/pip" install --quiet sslyze==6.3.1 ||
      echo "fleet.sh: sslyze COULD NOT BE INSTALLED and is left out" >&2
  }
fi
cargo build --release --locked --bin rdprobe
responder=$(cargo build --release --locked --bench responder --message-format=json |
  sed -n 's/.*"executable":"\([^"]*responder-[^"]*\)".*/\1/p' | tail -n 1)
[ -x "$responder" ] || { echo "fleet.sh: the responder was not built" >&2; exit 1; }
exec python3 benches/peers/fleet.py --rdprobe "$target/release/rdprobe" --responder "$responder" \
  --sslyze "$target/sslyze/bin/sslyze" "${options[@]}"
