"""Matrices in .npy files, without numpy."""

import array
import re
import struct


def rows_of(file):
    """The rows of a float32 matrix."""
    content = file.read_bytes()
    (length,) = struct.unpack("<H", content[8:10])
    header = content[10 : 10 + length].decode()
    rows, dim = map(int, re.search(r"\((\d+), (\d+)\)", header).groups())
    values = array.array("f", content[10 + length :])
    assert "'<f4'" in header and len(values) == rows * dim
    return [list(values[i * dim : (i + 1) * dim]) for i in range(rows)]
