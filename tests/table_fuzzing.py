"""Damaged tables: signs, lines and numbers where they do not belong."""

from ssvae.data.tables.labels import labels_of_table

# Images that the tables name.
IMAGES = ["a.png", "b.png", "sub/c.png", "sub/d.png", "0001.png", "0002.png"]
# Kinds of tables, each with its text and encoding.
TABLES = {
    "table": (
        'file,note,label\n"a.png","one, two",cat\nb.png,,Dog\nC:\\x\\sub\\c.png,x,dog\n'
        "sub/d.png,,NA\n0001,z,cat\n",
        "utf-8",
    ),
    "table-one-hot": (
        "id;MEL;NV;split\na;1.0;0.0;train\nb;0.0;1.0;val\nc;0.0;1.0;test\n",
        "utf-16",
    ),
    "table-list": ("a.png 3\nb.png 4.0\nsub/c.png 3\n0001.png -1\n", "latin-1"),
    "table-json": (
        '[{"image": "/data/upload/1/1a2b3c4d-a.png", "choice": "cat"},\n'
        ' {"image": "b.png", "choice": {"choices": ["dog"]}}]',
        "utf-8",
    ),
}
# Pieces that decide how a table is read.
PIECES = (
    *(b",", b";", b"\t", b"|", b" ", b'"', b"'", b"\n", b"\r", b"#", b"\\", b"%", b"?"),
    *(b"sep=;\n", b"file,label\n", b"nan", b"1e400", b"-1.0", b"\xef\xbb\xbf", b"\xff"),
    *(b"[" * 2000, b'{"', b"9" * 5000, b"," * 3000, b"../", b"inf", b"\x00", b"a.png"),
)


def mutated_table(content, rng) -> bytes:
    """Return a table's bytes with pieces inserted and lines repeated or joined."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind < 2:
            data[at : at + kind] = rng.choice(PIECES)
            continue
        lines = data.split(b"\n")
        one, other = (rng.randrange(len(lines)) for _ in range(2))
        if kind == 2:
            lines.insert(one, lines[other])
        else:
            lines[one] = lines[one] + lines[other]
        data = bytearray(b"\n".join(lines))
    return bytes(data)


def open_table(path):
    """Read the labels of the images from a table."""
    labels_of_table(path.read_bytes(), "labels.csv", IMAGES)
