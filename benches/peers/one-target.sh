#!/usr/bin/env bash
# Measures one target, rdprobe beside its peers, over a link with a round trip of 50 ms: benches/peers/one-target.sh
#
# Installs the lab, nmap and sslscan (Debian, root), builds rdprobe for release, and prints a Markdown table, the
# round trips, and PASS or FAIL for every bar. RUNS=n sets how often each tool runs (default 5).
# Takes about six minutes, most of them sslscan's. Fails if a bar is missed.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/lab/install.sh --peers --build
cargo build --release --locked
target=$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
exec python3 benches/peers/one_target.py "$target/release/rdprobe"
