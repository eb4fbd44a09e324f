"""From seconds to tables: on the terminal, and as Markdown."""

from statistics import median


def text_of(seconds, unit):
    """A figure as people say it."""
    if unit == "samples":
        return f"{figure(1 / seconds / 1e3)} k/s"
    for scale, name in [(1e-6, "ns"), (1e-3, "µs"), (1, "ms")]:
        if seconds < scale:
            return f"{figure(seconds / scale * 1e3)} {name}"
    return f"{figure(seconds)} s"


def figure(number):
    """Three digits."""
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def rows_of_bars(workload, results):
    """A row for each bar: workload, ours, peer, its figure, ratio, spread, bar,
    limit, kernels, reached. The limit is the ratio of an engine that takes the least
    time that the processor allows; the next one that of this engine's kernels alone."""
    ours = results[0]
    peers = results[1:]
    own = [peer for peer in peers if peer["name"] == "chainrule"]
    others = [peer for peer in peers if peer["name"] != "chainrule"]
    rows = []
    for bar in workload.bars:
        if bar.peer == "1 thread":
            found, name = own, "own 1 thread"
        else:
            found, name = [peer for peer in others if peer["name"] == bar.peer], bar.peer
        mine = text_of(ours["median"], workload.unit)
        threads = str(ours["threads"])
        least = f"{bar.least:g}×"
        if not found:
            rows.append([workload.name, threads, mine, name, "missing", "", "", least, "", "", "?"])
            continue
        ratios = [theirs / our for theirs, our in zip(found[0]["seconds"], ours["seconds"])]
        ratio = median(ratios)
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
        reached = "yes" if ratio >= bar.least else "no"
        theirs = text_of(found[0]["median"], workload.unit)
        limits = [limit_of(found[0]["seconds"], ours[key]) for key in ("least", "kernels")]
        rows.append([workload.name, threads, mine, name, theirs, f"{ratio:.2f}×", spread, least, *limits, reached])
    return rows


def limit_of(theirs, least):
    """The median of the rounds' ratios, if there is a limit."""
    return f"{median(seconds / least for seconds, least in zip(theirs, least)):.2f}×" if least else ""


HEADS_OF_BARS = ["work", "thr", "ours", "beside", "theirs", "ratio", "spread", "bar", "limit", "kernels", "reached"]
HEADS_OF_ALL = ["work", "participant", "median", "spread", "cores", "grew MB", "peak MB", "same result"]


def rows_of_all(workload, results, missing):
    """A row for each participant: its figure, cores at work, memory, and whether
    it computed the same."""
    ours = results[0]
    rows = []
    for result in sorted(results, key=lambda result: result["median"]):
        unit = workload.unit
        ends = [text_of(seconds, unit) for seconds in (min(result["seconds"]), max(result["seconds"]))]
        if unit == "samples":
            ends.reverse()
        name = result["name"] + (f" {result['threads']} thr" if result["name"] == "chainrule" else "")
        rows.append([
            workload.name,
            name,
            text_of(result["median"], unit),
            "–".join(end.split()[0] for end in ends),
            f"{result['cores']:.2f}",
            f"{result['memory'] / 1e6:.1f}",
            f"{result['peak'] / 1e6:.0f}",
            sameness(workload, ours, result),
        ])
    for name in missing:
        rows.append([workload.name, name, "missing", "", "", "", "", ""])
    return rows


def notes(workload, missing):
    """Why somebody is missing, or did other work."""
    reasons = missing | {name: f"does other work: {why}" for name, why in workload.excused.items()}
    return [f"{workload.name}, {name}: {reason}" for name, reason in reasons.items()]


def sameness(workload, ours, result):
    """Tells how far a participant's result is from the engine's."""
    if result is ours:
        return f"= {ours['check'][0]:.6g}"
    if result["name"] in workload.excused:
        return "other work"
    size = max(map(abs, ours["check"]))
    difference = max(abs(a - b) for a, b in zip(ours["check"], result["check"], strict=True)) / size
    word = "yes" if difference <= workload.tolerance else "NO"
    return f"{word}: {difference:.0e}"


def flatness(measured):
    """Time over width of W6, from 128 up: largest over least."""
    widths = [128, 512, 2048]
    names = [f"W6-{width}" for width in widths]
    if not all(name in measured for name in names):
        return None
    each = [measured[name]["results"][0]["median"] / width for name, width in zip(names, widths)]
    spread = max(each) / min(each)
    said = ", ".join(f"{width}: {time * 1e9:.1f} ns" for width, time in zip(widths, each))
    word = "yes" if spread <= 1.3 else "no"
    return f"W6, time over width: {said}; largest over least {spread:.2f}, bar 1.3, reached: {word}"


def terminal(heads, rows):
    """A table in columns, numbers to the right."""
    table = [heads] + rows
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]
    lines = []
    for row in table:
        cells = [
            cell.rjust(width) if 0 < column and row is not heads and cell[:1].isdigit() else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)
