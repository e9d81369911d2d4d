#!/usr/bin/env bash
# Two network namespaces, a client's and a server's: tests/lab/ns.sh [--delay MS [--relay PROGRAM]] [--nft FILE]
#
# Without --delay a veth pair joins them; with it two TUN devices whose packets are handed on MS milliseconds later,
# each way. The client is 10.88.0.1 and fd88::1, the server 10.88.0.2 and fd88::2; 10.88.0.0/16 is on the link.
# --relay names a program that hands the packets on (tundelay.py); --nft loads a rule set in the server's namespace.
# Prints `ready CLIENT SERVER`, the names of the namespaces, and lives until stdin closes. Run things in them with
# `ip netns exec NAME ...`.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" = 0 ] || die "network namespaces need root"
delay='' relay='' rules=''
while [ $# -gt 0 ]; do
  case $1 in
    --delay) delay=$2 ;;
    --relay) relay=$2 ;;
    --nft) rules=$2 ;;
    *) die "unknown option: $1" ;;
  esac
  shift 2
done

name=rdprobe-${scratch##*.}
client=$name-c server=$name-s
# `ip netns del` only takes the name away; a device goes with the last process inside.
undo() { for space in $client $server; do ip netns del "$space" 2>/dev/null || true; done; }
# kernel NAMESPACE VALUE NAME...: sets kernel parameters there.
kernel() { ip netns exec "$1" sh -c 'value=$1; shift; for name in "$@"; do echo "$value" >"/proc/sys/net/$name"; done' sh "${@:2}"; }

ip netns add "$client" || die "no network namespace can be made here"
ip netns add "$server"
# Otherwise all but the first few ICMP answers come a second late.
kernel "$server" 0 ipv4/icmp_ratelimit ipv6/icmp/ratelimit
for space in $client $server; do
  kernel "$space" 0 ipv6/conf/all/accept_dad ipv6/conf/default/accept_dad
  ip -n "$space" link set lo up
done

if [ -n "$delay" ]; then
  start tundelay python3 "$lab/tundelay.py" "$client" "$server" --delay "$delay" ${relay:+--relay "$relay"}
  await tundelay 60 grep -q ready "$scratch/tundelay.log"
  device=tun0
else
  ip -n "$client" link add v0 type veth peer name v0 netns "$server"
  device=v0
  ip -n "$client" addr add 10.88.0.1/16 dev v0
  ip -n "$server" addr add 10.88.0.2/16 dev v0
  for space in $client $server; do ip -n "$space" link set v0 up; done
fi
ip -n "$client" addr add fd88::1/64 dev $device nodad
ip -n "$server" addr add fd88::2/64 dev $device nodad
if [ -n "$rules" ]; then ip netns exec "$server" nft -f "$rules" || die "nft refused $rules"; fi
serve_until_stdin_closes "$client $server"
