#!/usr/bin/env bash
# Installs the lab's Debian packages: real RDP servers, shells, readers of our formats and manual pages, and with
# --peers the tools that rdprobe is compared with.
#
#   tests/lab/install.sh [--peers] [--build] [--check]
#
# --peers  also nmap, sslscan and time
# --build  also compilers for C and (the fuzz targets) C++, if there are none
# --check  installs nothing; fails if something is missing
#
# Nothing is started: while apt works, policy-rc.d forbids services to start, and it is taken away afterwards
# (one that was there before stays as it was).
set -euo pipefail

say() { printf 'lab: %s\n' "$*"; }
die() { printf 'lab: %s\n' "$*" >&2; exit 1; }

# command or file:package
needed=(
  /usr/sbin/xrdp:xrdp
  freerdp-shadow-cli:freerdp2-shadow-x11
  Xvfb:xvfb
  weston:weston
  nft:nftables
  ip:iproute2
  openssl:openssl
  python3:python3
  setpriv:util-linux
  sysctl:procps
  perl:perl
  pip3:python3-pip
  xmllint:libxml2-utils
  /usr/share/perl5/Monitoring/Plugin.pm:libmonitoring-plugin-perl
  zsh:zsh
  fish:fish
  mandoc:mandoc
  groff:groff-base
  jq:jq
  systemd-analyze:systemd
  tmux:tmux
  promtool:prometheus
  chromium:chromium
)
check_only=no
for option in "$@"; do
  case $option in
    --peers) needed+=(nmap:nmap sslscan:sslscan /usr/bin/time:time) ;;
    --build) needed+=(cc:gcc cc:libc6-dev c++:g++) ;;
    --check) check_only=yes ;;
    *) die "unknown option: $option (known: --peers --build --check)" ;;
  esac
done

PATH=$PATH:/usr/sbin:/sbin
missing=()
for entry in "${needed[@]}"; do
  command -v "${entry%%:*}" >/dev/null || [ -e "${entry%%:*}" ] || missing+=("${entry##*:}")
done
if [ ${#missing[@]} -eq 0 ]; then
  say "every package is there"
  exit 0
fi
[ $check_only = no ] || die "missing packages: ${missing[*]} (install them with tests/lab/install.sh)"
command -v apt-get >/dev/null \
  || die "missing packages: ${missing[*]}; there is no apt-get here to install them with (the lab needs Debian 12 or a relative)"
[ "$(id -u)" = 0 ] \
  || die "missing packages: ${missing[*]}; installing them needs root (run as root: tests/lab/install.sh)"

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f '$policy EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi
say "apt-get update"
apt-get -q -q update || die "apt-get update failed: no package source can be reached"
say "installs: ${missing[*]}"
if ! told=$(DEBIAN_FRONTEND=noninteractive apt-get -q -q -y --no-install-recommends -o Acquire::Retries=3 install "${missing[@]}" </dev/null 2>&1); then
  printf '%s\n' "$told" | tail -n 5 >&2
  die "apt-get could not install: ${missing[*]}"
fi
say "installed: ${missing[*]}"
