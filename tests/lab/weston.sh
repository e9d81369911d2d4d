#!/usr/bin/env bash
# A weston with its RDP back end: tests/lab/weston.sh ADDRESS:PORT tls CERTIFICATE KEY   or   ADDRESS:PORT rdp4
#
# Prints `ready ADDRESS:PORT` and lives until stdin closes.
. "$(dirname "$0")/common.sh"
address_and_port "$1"
export XDG_RUNTIME_DIR=$scratch/run
mkdir -m 700 "$XDG_RUNTIME_DIR"
case $2 in
  tls) security=("--rdp-tls-cert=$3" "--rdp-tls-key=$4") ;;
  rdp4)
    openssl genrsa -traditional -out "$scratch/rdp4.key" 512 2>"$scratch/openssl.log"
    security=("--rdp4-key=$scratch/rdp4.key")
    ;;
  *) die "unknown security: $2" ;;
esac
start weston weston --backend=rdp-backend.so --socket=lab --no-config --shell=kiosk-shell.so \
  "--address=$address" "--port=$port" "${security[@]}"
await weston 60 listens "$address" "$port"
serve_until_stdin_closes "$address:$port"
