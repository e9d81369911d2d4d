#!/usr/bin/env bash
# A FreeRDP shadow server on an Xvfb of its own: tests/lab/shadow.sh ADDRESS:PORT SECURITY [CERTIFICATE KEY]
#
# SECURITY: nla (user "user", password "Passw0rd!", domain LAB), tls, rdp, ext or any.
# Prints `ready ADDRESS:PORT` and lives until stdin closes.
. "$(dirname "$0")/common.sh"
address_and_port "$1"
export HOME=$scratch XDG_CONFIG_HOME=$scratch/.config
if [ $# -gt 2 ]; then
  mkdir -p "$XDG_CONFIG_HOME/freerdp/shadow"
  cp "$3" "$XDG_CONFIG_HOME/freerdp/shadow/shadow.crt"
  cp "$4" "$XDG_CONFIG_HOME/freerdp/shadow/shadow.key"
fi
case $2 in
  nla)
    # The MD4 of the password in UTF-16, as a SAM file holds it.
    echo 'user:LAB::fc525c9683e8fe067095ba2ddc971889:::' >"$scratch/sam"
    security=(/sec:nla "/sam-file:$scratch/sam")
    ;;
  tls | rdp | ext) security=("/sec:$2") ;;
  any) security=() ;;
  *) die "unknown security: $2" ;;
esac

# Without -noreset the end of the first connection resets the display, and the next may find it closed.
start xvfb bash -c 'exec Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp -noreset 3>"$0"' "$scratch/display"
await xvfb 60 test -s "$scratch/display"
DISPLAY=:$(cat "$scratch/display")
export DISPLAY
start shadow freerdp-shadow-cli "/port:$port" "/bind-address:$address" "${security[@]}"
await shadow 60 listens "$address" "$port"
serve_until_stdin_closes "$address:$port"
