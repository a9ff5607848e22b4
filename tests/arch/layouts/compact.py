#!/usr/bin/env python3
"""Makes tables.csv of the full layout tables: compact.py FOLDER > tables.csv

Every table turns out to be linear over the bits of its indices: entry(i, j) = XOR of one number for each bit that is set in
i and in j. So the numbers at the powers of two are the whole table; each of its entries is compared with them here, and the
script fails where one differs or is missing.
"""
import csv
import itertools
import sys

FILES = {  # file: (columns that name the table, columns that index it, columns that are its values)
    "mma_fragments.csv": ((0, 1), (2, 3), (4, 5)),
    "wgmma_fragments.csv": ((0, 1), (2, 3), (4, 5)),
    "matrix_moves.csv": ((0,), (1, 2, 3), (4, 5)),
    "wgmma_shared.csv": ((0,), (1, 2), (3,)),
}


def bits_of(entries, extents, output):
    """For each index the values at its powers of two; the entry at zero must be zero."""
    zero = [0] * len(extents)
    assert entries[tuple(zero)][output] == 0
    basis = []
    for axis, extent in enumerate(extents):
        column = []
        for bit in range((extent - 1).bit_length()):
            at = list(zero)
            at[axis] = 1 << bit
            column.append(entries[tuple(at)][output])
        basis.append(column)
    for at in itertools.product(*map(range, extents)):
        value = 0
        for axis, index in enumerate(at):
            for bit, number in enumerate(basis[axis]):
                if index >> bit & 1:
                    value ^= number
        assert value == entries[at][output], (at, value, entries[at])
    return basis


def main(folder):
    print("table,output,index and extent: the value at each power of two")
    for file, (names, indices, values) in FILES.items():
        with open(f"{folder}/{file}", encoding="ascii") as lines:
            rows = list(csv.reader(lines))
        head, rows = rows[0], rows[1:]
        tables = {}
        for row in rows:
            name = ".".join(row[i].split("(")[0] for i in names)
            tables.setdefault(name, {})[tuple(int(row[i]) for i in indices)] = [int(row[i]) for i in values]
        assert sum(map(len, tables.values())) == len(rows)
        for name, entries in tables.items():
            extents = [max(at[i] for at in entries) + 1 for i in range(len(indices))]
            for output, column in enumerate(values):
                basis = bits_of(entries, extents, output)
                parts = [f"{head[i]} {e}: " + " ".join(map(str, b)) for i, e, b in zip(indices, extents, basis)]
                print(",".join([name, head[column]] + [p.strip() for p in parts]))


main(sys.argv[1])
