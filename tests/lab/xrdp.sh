#!/usr/bin/env bash
# An xrdp of one's own: tests/lab/xrdp.sh ADDRESS:PORT certificate=FILE key_file=FILE [KEY=VALUE...]
#
# Keys of xrdp.ini: security_layer, ssl_protocols, tls_ciphers, crypt_level, certificate, key_file.
# user=xrdp runs it as that user, as Debian's unit does, which then cannot read a key that is root's.
# Prints `ready ADDRESS:PORT` and lives until stdin closes.
. "$(dirname "$0")/common.sh"
address_and_port "$1"
shift
ini=$scratch/xrdp.ini as=()
declare -A keys=([security_layer]=negotiate [ssl_protocols]="TLSv1.2, TLSv1.3" [crypt_level]=high)
for pair in "$@"; do
  case ${pair%%=*} in
    user) as=(setpriv --reuid "${pair#*=}" --regid "${pair#*=}" --init-groups) ;;
    *) keys[${pair%%=*}]=${pair#*=} ;;
  esac
done

{
  printf '%s\n' '[Globals]' 'ini_version=1' 'fork=true' "port=tcp://$address:$port" 'tcp_nodelay=true' \
    'allow_channels=true' 'max_bpp=32' 'bitmap_compression=true'
  for key in "${!keys[@]}"; do printf '%s=%s\n' "$key" "${keys[$key]}"; done
  printf '%s\n' '[Logging]' "LogFile=$scratch/server.log" 'LogLevel=INFO' 'EnableSyslog=false' '[Channels]' \
    '[Xorg]' 'name=Xorg' 'lib=libxup.so' 'username=ask' 'password=ask' 'ip=127.0.0.1' 'port=-1' 'code=20'
} >"$ini"
: >"$scratch/server.log"
if [ ${#as[@]} -gt 0 ]; then chmod 666 "$scratch/server.log"; fi

# Every xrdp looks at the same pid file and says "already running": one start at a time, and a file that belongs to
# a running xrdp of this machine is put back.
mkdir -p /run/xrdp
exec 9</run/xrdp
flock 9
[ ! -e /run/xrdp/xrdp.pid ] || mv /run/xrdp/xrdp.pid "$scratch/theirs"
put_back() { [ ! -e "$scratch/theirs" ] || mv "$scratch/theirs" /run/xrdp/xrdp.pid; }
undo() { put_back; }
start xrdp "${as[@]}" /usr/sbin/xrdp --nodaemon -c "$ini" 9<&-
await xrdp 60 listens "$address" "$port"
put_back
exec 9<&-
serve_until_stdin_closes "$address:$port"
