#!/bin/sh
# Makes the certificates beside this file anew (OpenSSL 3): what rcgen cannot make, weak, expired or odd.
# Keys are thrown away, so every run changes the bytes and with them the figures in the tests.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"

cat > openssl.cnf <<'CNF'
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
CN = VM1
[windows]
extendedKeyUsage = serverAuth
keyUsage = keyEncipherment, dataEncipherment
[rd]
extendedKeyUsage = 1.3.6.1.4.1.311.54.1.2
subjectAltName = DNS:vm1.contoso.com, IP:10.0.0.4
[client]
extendedKeyUsage = clientAuth
[broken_san]
subjectAltName = DER:30:05:82:7f:61:62:63
[ca]
default_ca = ca_default
[ca_default]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
CNF

# self NAME KEY_OPTIONS... -- OPTIONS...: a self-signed certificate.
self() {
    name=$1; shift
    key=""
    while [ "$1" != -- ]; do key="$key $1"; shift; done
    shift
    # shellcheck disable=SC2086
    openssl genpkey $key -out "$name.key" 2>/dev/null
    openssl req -new -x509 -config openssl.cnf -key "$name.key" -outform DER -out "$here/$name.der" "$@"
}

rsa="-algorithm RSA -pkeyopt rsa_keygen_bits:"
self windows "${rsa}2048" -- -sha256 -days 183 -extensions windows -set_serial 0x7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a7a
self sha1 "${rsa}2048" -- -sha1 -days 183 -extensions windows
self md5 "${rsa}1024" -- -md5 -days 3652
self rsa1024 "${rsa}1024" -- -sha256 -days 3652 -extensions client
self rsa512 "${rsa}512" -- -sha256 -days 3652
self pss_sha1 "${rsa}2048" -- -sha1 -sigopt rsa_padding_mode:pss -days 30
self p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -- -sha512 -days 30 -extensions rd
self broken_san -algorithm ED25519 -- -days 30 -extensions broken_san

# Expired, and signed by another key under another name.
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key
openssl req -new -x509 -config openssl.cnf -key ca.key -subj "/DC=com/DC=contoso/O=Contoso, Ltd./CN=Contoso CA" -out ca.crt
openssl req -new -config openssl.cnf -key ca.key -subj "/CN=*.contoso.com" -out leaf.csr
: > index.txt
openssl ca -batch -config openssl.cnf -cert ca.crt -keyfile ca.key -in leaf.csr -out leaf.crt \
    -startdate 20200101000000Z -enddate 20210101000000Z -notext 2>/dev/null
openssl x509 -in leaf.crt -outform DER -out "$here/expired.der"
