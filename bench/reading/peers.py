"""Times pandas and polars reading a file, beside ours.

    python peers.py rows.csv

Prints one line for each: the fastest of five readings, in seconds. Words are
read as categories too, because that is what ours gives.
"""

import sys
import time


def fastest(read) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        table = read()
        times.append(time.perf_counter() - start)
        del table
    return min(times)


def main() -> None:
    import pandas
    import polars

    path = sys.argv[1]
    first = polars.read_csv(path, n_rows=100)
    words = [name for name, kind in first.schema.items() if kind == polars.String]
    peers = {
        "polars": lambda: polars.read_csv(path),
        "polars, categories": lambda: polars.read_csv(
            path, schema_overrides={word: polars.Categorical for word in words}
        ),
        # Since 3.1 it reads pieces of a plain file side by side; not so with
        # `low_memory=False`, and never from a compressed file or a stream.
        "pandas": lambda: pandas.read_csv(path),
        "pandas, one core": lambda: pandas.read_csv(path, low_memory=False),
        "pandas, pyarrow": lambda: pandas.read_csv(path, engine="pyarrow"),
    }
    for name, read in peers.items():
        print(f"{name:20} {fastest(read):.3f} s")


main()
