"""Writes a table to read: 16 columns of numbers, 2 of words, a header.

    python make_rows.py 1000000 rows.csv
    python make_rows.py 1000000 rows.csv predict     # 16 numbers and a class

A third of the numbers have few digits, a third have six, a third are doubles
with all their digits, as tables have them that programs wrote.
"""

import random
import sys


def main() -> None:
    rows, path, predict = int(sys.argv[1]), sys.argv[2], "predict" in sys.argv[3:]
    source = random.Random(7)
    names = [f"x{i}" for i in range(1, 17)] + (["class"] if predict else ["colour", "town"])
    colours = ["red", "green", "blue", "yellow", "black", "white", "brown"]
    towns = [f"town {i}" for i in range(200)]
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(",".join(names) + "\n")
        for _ in range(rows):
            cells = [str(source.randrange(1000)) for _ in range(5)]
            cells += [f"{source.gauss(0, 100):.4f}" for _ in range(6)]
            cells += [repr(source.gauss(0, 1)) for _ in range(5)]
            if predict:
                out.write(",".join([*cells, source.choice("abc")]) + "\n")
                continue
            out.write(",".join([*cells, source.choice(colours), source.choice(towns)]) + "\n")


main()
