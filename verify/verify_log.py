#!/usr/bin/env python3
"""Checks an Errand provenance log, or the evidence of one call. Python 3.8 or newer, standard library only.

  verify_log.py DIR [DIR ...] [--keys JWKS] [--seen CHECKPOINT] [--witness VKEY ... [--quorum N]]
  verify_log.py --proof FILE [--keys JWKS] [--witness VKEY ... [--quorum N]]

For each DIR (or FILE) one line: `DIR: ok ...` or `DIR: fault: ...`. Exit 0 if all are good, 1 if any is not.
Without --keys all but the signature is checked, and `unsigned` printed. The format is described in README.md.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys
import zlib

FULL = 256
MAX_MEMBER = 32 << 20


class Fault(Exception):
    """What is wrong, in one line."""


# Ed25519 verification, RFC 8032 section 5.1.7, on extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P:
        return None
    return P - x if (x & 1) != sign else x


def decompress(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_verify(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return point_equal(point_multiply(s, BASE), point_add(r, point_multiply(h, a)))


# Hashing, RFC 9162 section 2.1.1.
def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(row):
    """The root over subtrees of one size; only the last one may be smaller."""
    if not row:
        return hashlib.sha256(b"").digest()
    while len(row) > 1:
        pairs = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = pairs + ([row[-1]] if len(row) % 2 else [])
    return row[0]


class Tree:
    """A growing tree: the hashes of each level that no full tile holds yet, and all tiles by (level, index).

    It begins with the records that were removed: `edges` are the hashes that stand for them.
    """

    def __init__(self, size=0, edges=()):
        self.size = size
        self.edges = list(edges)
        self.tiles = {}

    def add(self, leaf):
        level, value = 0, leaf
        while True:
            if level == len(self.edges):
                self.edges.append([])
            edge = self.edges[level]
            edge.append(value)
            if len(edge) < FULL:
                break
            self.tiles[(level, self.size >> 8 * (level + 1))] = b"".join(edge)
            value = root_of(edge)
            self.edges[level] = []
            level += 1
        self.size += 1

    def root(self):
        rest = None
        for edge in self.edges:
            row = edge + ([] if rest is None else [rest])
            if row:
                rest = root_of(row)
        return root_of([]) if rest is None else rest

    def all_tiles(self):
        tiles = dict(self.tiles)
        for level, edge in enumerate(self.edges):
            if edge:
                tiles[(level, self.size >> 8 * (level + 1))] = b"".join(edge)
        return tiles


# Signed notes and checkpoints, C2SP signed-note and tlog-checkpoint.
def base64_strict(text):
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return value if base64.b64encode(value).decode() == text else None


def is_key_name(name):
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 32 for c in name)


class Checkpoint:
    """A checkpoint; with `extension` it also has the line `first N`, as in the note `retained` of a log."""

    def __init__(self, data, name="checkpoint", extension=False):
        try:
            note = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Fault(name + ": malformed: not UTF-8")
        text, blank, tail = note.rpartition("\n\n")
        lines = (text + "\n").split("\n")
        if not blank or not note.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in note):
            raise Fault(name + ": malformed: not a signed note")
        if extension and len(lines) == 5 and re.fullmatch("first (0|[1-9][0-9]{0,17})", lines[3]):
            self.first = int(lines.pop(3)[6:])
        elif extension:
            raise Fault(name + ": malformed: no line `first N`")
        if len(lines) != 4 or not is_key_name(lines[0]) or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
            raise Fault(name + ": malformed: not origin, size and root")
        root = base64_strict(lines[2])
        if root is None or len(root) != 32:
            raise Fault(name + ": malformed: not a root hash")
        self.name, self.text = name, (text + "\n").encode()
        self.origin, self.size, self.root = lines[0], int(lines[1]), root
        self.signatures = []
        for line in tail.split("\n")[:-1]:
            parts = line.split(" ")
            value = base64_strict(parts[2]) if len(parts) == 3 else None
            if value is None or parts[0] != "\u2014" or not is_key_name(parts[1]) or len(value) <= 4:
                raise Fault(name + ": malformed: not a signature line")
            self.signatures.append((parts[1], value[:4], value[4:]))
        if not self.signatures:
            raise Fault(name + ": malformed: no signature")

    def verify(self, keys):
        good = False
        for name, key_id, signature in self.signatures:
            for key in keys:
                if name == self.origin and key_id == note_key_id(name, key):
                    if not ed25519_verify(key, self.text, signature):
                        raise Fault(self.name + ": the signature does not verify")
                    good = True
        if not good:
            raise Fault(self.name + ": not signed by any of the keys given")


class Witness:
    """A witness by its verifier key of type 0x04 (C2SP signed-note, tlog-cosignature)."""

    def __init__(self, vkey):
        name, _, rest = vkey.partition("+")
        key_id, _, key = rest.partition("+")
        value = base64_strict(key)
        if value is None or len(value) != 33 or value[:1] != b"\x04" or not is_key_name(name):
            raise SystemExit("--witness: not a vkey of type 0x04: " + vkey)
        self.name, self.key = name, value[1:]
        self.key_id = hashlib.sha256(name.encode() + b"\n" + value).digest()[:4]
        if self.key_id.hex() != key_id:
            raise SystemExit("--witness: its key id is not that of its name and key: " + vkey)

    def cosigned(self, checkpoint):
        for name, key_id, value in checkpoint.signatures:
            if name == self.name and key_id == self.key_id and len(value) == 72:
                time = int.from_bytes(value[:8], "big")
                message = b"cosignature/v1\ntime %d\n" % time + checkpoint.text
                if 0 < time < 1 << 63 and ed25519_verify(self.key, message, value[8:]):
                    return True
        return False


def require_quorum(checkpoint, witnesses, quorum):
    count = sum(witness.cosigned(checkpoint) for witness in witnesses)
    if count < quorum:
        raise Fault("%s: cosigned by %d of the %d named witnesses, should be by %d"
                    % (checkpoint.name, count, len(witnesses), quorum))


def note_key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]


def is_log_key(jwk):
    """`errand_use` lists the uses of a key; without the member the key is also for the log."""
    uses = jwk.get("errand_use", ["log"])
    return jwk.get("crv") == "Ed25519" and isinstance(jwk.get("x"), str) and isinstance(uses, list) and "log" in uses


def read_keys(path):
    keys = []
    try:
        with open(path, encoding="utf-8") as file:
            for jwk in json.load(file).get("keys", []):
                if is_log_key(jwk):
                    keys.append(base64.urlsafe_b64decode(jwk["x"] + "=" * (-len(jwk["x"]) % 4)))
    except OSError as absent:
        raise SystemExit("%s: cannot be read: %s" % (path, absent.strerror))
    except (ValueError, AttributeError, TypeError):
        raise SystemExit(path + ": not a JWK set")
    if not keys:
        raise SystemExit(path + ": holds no Ed25519 key of use log")
    return keys


def read(path):
    with open(path, "rb") as file:
        return file.read()


def tile_path(level, index, width):
    name = "%03d" % (index % 1000)
    index //= 1000
    while index:
        name = "x%03d/%s" % (index % 1000, name)
        index //= 1000
    return "tile/%d/%s%s" % (level, name, "" if width == FULL else ".p/%d" % width)


TILE = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def tile_files(directory):
    for at, _, names in os.walk(os.path.join(directory, "tile")):
        for name in names:
            path = os.path.relpath(os.path.join(at, name), directory).replace(os.sep, "/")
            if path.endswith(".tmp"):
                continue
            match = TILE.fullmatch(path)
            if not match:
                raise Fault(path + ": not a tile's name")
            index = int(match.group(2).replace("x", "").replace("/", ""))
            width = int(match.group(3) or FULL)
            if tile_path(int(match.group(1)), index, width) != path:
                raise Fault(path + ": not a tile's name")
            yield path, int(match.group(1)), index, width


def removed_tree(directory, first):
    """The tree of the removed records before the first kept one, from the tiles that proofs of kept records need."""
    edges, level = [], 0
    while first >> 8 * level:
        index, width = first >> 8 * (level + 1), (first >> 8 * level) % FULL
        paths = [os.path.join(directory, tile_path(level, index, wide)) for wide in range(max(width, 1), FULL + 1)]
        found = [path for path in paths if os.path.exists(path)]
        hashes = read(found[0]) if width and found else b""
        if len(hashes) < width * 32:
            raise Fault(tile_path(level, index, width) + ": missing: it stands for records that were removed")
        edges.append([hashes[i * 32:i * 32 + 32] for i in range(width)])
        level += 1
    return Tree(first, edges)


def check_tiles(directory, tree, covered, first):
    """Checks all tile files against the records. Returns the faults and the first record for which a tile has another hash.

    Tiles that serve only the records before `first`, which were removed, may be there or not.
    """
    made, faults, wrong_leaf = tree.all_tiles(), [], None
    for path, level, index, width in sorted(tile_files(directory)):
        if index < first >> 8 * (level + 1):
            continue
        found = read(os.path.join(directory, path))
        hashes = made.get((level, index), b"")
        if len(found) != width * 32:
            faults.append("%s: %d bytes, should be %d" % (path, len(found), width * 32))
        if len(hashes) < width * 32:
            faults.append(path + ": covers records that are gone")
        for i in range(0, min(len(found), len(hashes)), 32):
            if found[i:i + 32] != hashes[i:i + 32]:
                faults.append("%s: hash %d is not that of the records" % (path, i // 32))
                if level == 0 and (wrong_leaf is None or index * FULL + i // 32 < wrong_leaf):
                    wrong_leaf = index * FULL + i // 32
                break
    level = 0
    while covered >> 8 * level:
        full, width = covered >> 8 * (level + 1), (covered >> 8 * level) % FULL
        needed = [(index, FULL) for index in range(first >> 8 * (level + 1), full)] + ([(full, width)] if width else [])
        for index, wide in needed:
            paths = [tile_path(level, index, wide), tile_path(level, index, FULL)]
            if not any(os.path.exists(os.path.join(directory, path)) for path in paths):
                faults.append(paths[0] + ": missing")
        level += 1
    return faults, wrong_leaf


def plain_text(path):
    with open(path, "rb") as file:
        yield from iter(lambda: file.read(1 << 16), b"")


def gzip_text(path):
    """The text of a compressed segment, one gzip member after another (RFC 1952)."""
    with open(path, "rb") as file:
        data = file.read(1 << 16)
        while data:
            member, size = zlib.decompressobj(31), 0
            while not member.eof:
                try:
                    text = member.decompress(data, 1 << 16)
                except zlib.error as error:
                    raise Fault("%s: damaged: %s" % (os.path.basename(path), error))
                size += len(text)
                if size > MAX_MEMBER:
                    raise Fault("%s: a member has more than %d bytes of text" % (os.path.basename(path), MAX_MEMBER))
                yield text
                data = member.unused_data if member.eof else member.unconsumed_tail or file.read(1 << 16)
                if not data and not text and not member.eof:
                    raise Fault(os.path.basename(path) + ": damaged: its last member has no end")
            data = data or file.read(1 << 16)


def lines_of(directory, name):
    """The lines of a segment with their newlines; the last one may lack it. The file .jsonl counts if it is there."""
    path, rest, size = os.path.join(directory, name), [], 0
    for text in plain_text(path) if os.path.exists(path) else gzip_text(path + ".gz"):
        *lines, tail = text.split(b"\n")
        if lines:
            lines[0] = b"".join(rest) + lines[0]
            rest, size = [], 0
        rest.append(tail)
        size += len(tail)
        if size > MAX_MEMBER:
            raise Fault("%s: a line of more than %d bytes" % (name, MAX_MEMBER))
        yield from (line + b"\n" for line in lines)
    if size:
        yield b"".join(rest)


def segments(directory):
    """The names of the segments, each as that of its file .jsonl, also if only .jsonl.gz is there."""
    return sorted({re.sub("[.]gz$", "", name) for name in os.listdir(directory) if re.search("[.]jsonl([.]gz)?$", name)})


def verify_log(directory, keys, seen, witnesses=(), quorum=0):
    witnessed = None
    if witnesses:
        # Before the checkpoint, which is the newer one of a log that is written.
        try:
            witnessed = Checkpoint(read(os.path.join(directory, "checkpoint.witnessed")), "checkpoint.witnessed")
        except FileNotFoundError:
            raise Fault("checkpoint.witnessed: missing: no witness has cosigned the log")
        require_quorum(witnessed, witnesses, quorum)
    try:
        head = Checkpoint(read(os.path.join(directory, "checkpoint")))
    except FileNotFoundError:
        raise Fault("checkpoint: missing")
    earlier = Checkpoint(read(seen), seen) if seen else None
    try:
        kept = Checkpoint(read(os.path.join(directory, "retained")), "retained", True)
    except FileNotFoundError:
        kept = None
    for checkpoint in [head] + [other for other in (earlier, kept, witnessed) if other]:
        if keys:
            checkpoint.verify(keys)
    if earlier and (earlier.origin != head.origin or earlier.size > head.size):
        raise Fault("checkpoint: does not extend the one seen earlier (another log, or rolled back)")
    if witnessed and (witnessed.origin != head.origin or witnessed.size > head.size):
        raise Fault("checkpoint.witnessed: is not of this log, or the log was rolled back")
    if kept and (kept.origin != head.origin or kept.size > head.size or kept.first > kept.size):
        raise Fault("retained: is not of this log, or the log was rolled back")
    names = segments(directory)
    first = int(names[0][:16]) if names and re.fullmatch("[0-9]{16}[.]jsonl", names[0]) else 0
    tree = removed_tree(directory, first) if kept and first <= kept.first else Tree()
    first, lowest = tree.size, max(tree.size, kept.first if kept else 0)
    roots, places, torn = {tree.size: tree.root()}, [], b""
    sizes = {checkpoint.size for checkpoint in (head, earlier, kept, witnessed) if checkpoint}
    for name in names:
        if torn:
            raise Fault(places[-1][1] + ": its last line has no end")
        if name != "%016d.jsonl" % tree.size:
            raise Fault("%s: should be %016d.jsonl: records before it are missing" % (name, tree.size))
        places.append((tree.size, name))
        for line in lines_of(directory, name):
            if not line.endswith(b"\n"):
                torn = line
                break
            if line[:1] != b"{" or line[-2:-1] != b"}":
                raise Fault("%s:%d: not a record" % (name, tree.size - places[-1][0] + 1))
            tree.add(leaf_hash(line[:-1]))
            if tree.size in sizes:
                roots[tree.size] = tree.root()
    faults, wrong = check_tiles(directory, tree, head.size, lowest)
    if roots.get(head.size) != head.root:
        if wrong is not None and wrong < min(head.size, tree.size):
            begin, name = [place for place in places if place[0] <= wrong][-1]
            raise Fault("%s:%d: record %d is not the one that was logged here" % (name, wrong - begin + 1, wrong))
        if tree.size < head.size:
            raise Fault("record %d and all behind it: missing; the checkpoint covers %d" % (tree.size, head.size))
        raise Fault("checkpoint: its root is not that of the first %d records" % head.size)
    if earlier and earlier.size < first:
        raise Fault("checkpoint: the one seen earlier covers only records that were removed; keep a newer one")
    if kept and roots.get(kept.size) != kept.root:
        raise Fault("retained: its root is not that of the first %d records" % kept.size)
    if earlier and roots.get(earlier.size) != earlier.root:
        raise Fault("checkpoint: the log does not extend the one seen earlier")
    if witnessed and roots.get(witnessed.size) != witnessed.root:
        raise Fault("checkpoint.witnessed: the log is not the one that the witnesses saw, or the records were removed")
    if faults:
        raise Fault(faults[0])
    since = " from record %d on (those before it were removed)" % first if first else ""
    by = ", %d witnessed" % witnessed.size if witnessed else ""
    return "%d records%s, %d under the checkpoint of %s%s" % (tree.size - first, since, head.size, head.origin, by)


def verify_proof(path, keys, witnesses=(), quorum=0):
    """Verifies the evidence of one call by its inclusion proof (RFC 9162 section 2.1.3.2)."""
    try:
        proof = json.loads(read(path).decode("utf-8"))
        head = Checkpoint(proof["checkpoint"].encode())
        index, size = proof["index"], proof["size"]
        siblings = [base64_strict(text) for text in proof["path"]]
        value = leaf_hash(proof["record"].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Fault("not {record, index, size, path[], checkpoint}")
    if keys:
        head.verify(keys)
    if witnesses:
        require_quorum(head, witnesses, quorum)
    if type(index) is not int or type(size) is not int or size != head.size or not 0 <= index < size:
        raise Fault("index and size are not those of the checkpoint's tree")
    fn, sn = index, size - 1
    for sibling in siblings:
        if sn == 0 or sibling is None or len(sibling) != 32:
            raise Fault("the path is not that of the index")
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or value != head.root:
        raise Fault("the record does not lead to the checkpoint's root")
    return "record %d of %d in the log %s" % (index, size, head.origin)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="*", metavar="DIR")
    parser.add_argument("--proof", metavar="FILE")
    parser.add_argument("--keys", metavar="JWKS")
    parser.add_argument("--seen", metavar="CHECKPOINT")
    parser.add_argument("--witness", metavar="VKEY", action="append", default=[])
    parser.add_argument("--quorum", metavar="N", type=int)
    arguments = parser.parse_args()
    if bool(arguments.proof) == bool(arguments.directories):
        parser.error("name one or more directories, or --proof FILE")
    keys = read_keys(arguments.keys) if arguments.keys else []
    witnesses = [Witness(vkey) for vkey in arguments.witness]
    quorum = len(witnesses) if arguments.quorum is None else arguments.quorum
    if (arguments.quorum is not None and not 1 <= quorum <= len(witnesses)) or len({w.key for w in witnesses}) < len(witnesses):
        parser.error("--quorum is 1 to the number of --witness, and each key is named once")
    bad = 0
    for name in arguments.directories or [arguments.proof]:
        try:
            found = (verify_proof(name, keys, witnesses, quorum) if arguments.proof
                     else verify_log(name, keys, arguments.seen, witnesses, quorum))
            print("%s: ok: %s%s" % (name, found, "" if keys else " unsigned"))
        except (Fault, OSError) as fault:
            bad = 1
            print("%s: fault: %s" % (name, fault))
    return bad


if __name__ == "__main__":
    sys.exit(main())
