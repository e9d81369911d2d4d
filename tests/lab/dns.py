#!/usr/bin/env python3
"""A name server that misbehaves by name: dns.py ADDRESS ANSWER DEAD

The first label says how it answers: nx, servfail, refused, nodata, silent, noaaaa (the AAAA query is never answered),
tc (truncated, and no TCP to ask again), both (DEAD and ANSWER), alias (a CNAME to plain.lab.test); any other name
has the address ANSWER. Prints `ready ADDRESS:PORT` and lives until stdin closes.
"""
import socket
import struct
import sys
import threading

A, CNAME, AAAA = 1, 5, 28
CODES = {"nx": 3, "servfail": 2, "refused": 5}


def question(query):
    """The labels, the type, and where the question section ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return labels, struct.unpack(">H", query[at + 1 : at + 3])[0], at + 5


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(kind, data, owner=b"\xc0\x0c"):
    return owner + struct.pack(">HHIH", kind, 1, 30, len(data)) + data


def respond(query, answer, dead):
    labels, kind, end = question(query)
    case = labels[0].lower()
    if case == "silent" or (case == "noaaaa" and kind == AAAA):
        return None
    records = []
    if kind == A and case == "alias":
        target = wire_name("plain.lab.test")
        records = [record(CNAME, target), record(A, socket.inet_aton(answer), target)]
    elif kind == A and case == "both":
        records = [record(A, socket.inet_aton(address)) for address in (dead, answer)]
    elif kind == A and case not in CODES and case not in ("nodata", "tc"):
        records = [record(A, socket.inet_aton(answer))]
    flags = 0x8580 | CODES.get(case, 0) | (0x0200 if case == "tc" else 0)
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + query[12:end] + b"".join(records)


def serve(sock, answer, dead):
    while True:
        query, client = sock.recvfrom(2048)
        reply = respond(query, answer, dead)
        if reply is not None:
            sock.sendto(reply, client)


def main():
    address, answer, dead = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    threading.Thread(target=serve, args=(sock, answer, dead), daemon=True).start()
    print(f"ready {address}:{sock.getsockname()[1]}", flush=True)
    sys.stdin.read()


main()
