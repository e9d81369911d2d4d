#!/usr/bin/env bash
# Brings a reader of HdrHistogram logs that is none of ours, PyPI's hdrhistogram (Apache-2.0), to target/lab/hdrhistogram/.
set -euo pipefail

die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

cd "$(dirname "$0")/../.."
folder=target/lab/hdrhistogram
[ ! -d $folder ] || exit 0

work=$(mktemp -d "${TMPDIR:-/tmp}/rdprobe-hdr.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
python3 -m pip -q install --disable-pip-version-check --root-user-action ignore --only-binary :all: \
  --target "$work/lib" hdrhistogram==0.10.8 || die "PyPI's hdrhistogram cannot be had: pip failed"
mkdir -p target/lab
mv "$work/lib" $folder
printf 'lab: brought %s\n' $folder
