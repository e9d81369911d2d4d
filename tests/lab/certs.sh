#!/usr/bin/env bash
# Makes certificates and keys: tests/lab/certs.sh FOLDER NAME...
#
#   good      RSA 2048, SHA-256, valid             expired   valid in 2020 only
#   other     the same again, another key          notyet    valid in 2035 only
#   sha1 md5  signed with SHA-1, MD5               ec        ECDSA P-256
#   rsa1024 rsa512  short keys                     garbage   NAME.crt and NAME.key are no PEM
set -euo pipefail
cd "$1"
shift

# self NAME KEY DIGEST
self() {
  openssl req -x509 -newkey "$2" -nodes -keyout "$1.key" -out "$1.crt" -days 365 "-$3" \
    -subj "/CN=$1.lab.test" -addext "subjectAltName=DNS:$1.lab.test"
}

# dated NAME START END: through `openssl ca`, since OpenSSL 3.0 has no other way to a chosen start.
dated() {
  mkdir -p "ca-$1"
  : >"ca-$1/index.txt"
  echo 01 >"ca-$1/serial"
  printf '%s\n' '[ca]' 'default_ca=own' '[own]' "database=ca-$1/index.txt" "serial=ca-$1/serial" \
    "new_certs_dir=ca-$1" 'default_md=sha256' 'policy=any' '[any]' 'commonName=supplied' >"ca-$1/ca.cnf"
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -out "ca-$1/request" -subj "/CN=$1.lab.test"
  openssl ca -batch -selfsign -config "ca-$1/ca.cnf" -keyfile "$1.key" -in "ca-$1/request" -out "$1.crt" \
    -startdate "$2" -enddate "$3" -notext
}

make() {
  case $1 in
    good | other) self "$1" rsa:2048 sha256 ;;
    sha1 | md5) self "$1" rsa:2048 "$1" ;;
    rsa1024) self "$1" rsa:1024 sha256 ;;
    rsa512) self "$1" rsa:512 sha1 ;;
    ec)
      openssl ecparam -name prime256v1 -genkey -noout -out ec.key
      openssl req -x509 -new -key ec.key -out ec.crt -days 365 -subj /CN=ec.lab.test
      ;;
    expired) dated "$1" 20200101000000Z 20210101000000Z ;;
    notyet) dated "$1" 20350101000000Z 20360101000000Z ;;
    garbage) echo 'no PEM' | tee garbage.crt >garbage.key ;;
    *) echo "unknown certificate: $1" >&2; exit 1 ;;
  esac
}

for name in "$@"; do
  make "$name" >"$name.log" 2>&1 || { cat "$name.log" >&2; exit 1; }
done
# As Debian has it: anyone may read a certificate, only root a key.
chmod 755 .
chmod 644 ./*.crt
chmod 600 ./*.key
