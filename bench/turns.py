"""Participants as processes that take turns: one measures, the others wait."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "target" / "bench"

PROGRAMS = {
    "JAX": "with_jax.py",
    "PyTorch": "with_torch.py",
    "scikit-learn": "with_sklearn.py",
    "NumPy": "with_numpy.py",
    "ONNX Runtime": "with_onnxruntime.py",
}


class Missing(Exception):
    """A participant that cannot be had, or that fails."""


class Participant:
    """A process that measures when it is told to."""

    def __init__(self, name, engine, workload, threads):
        self.name, self.threads = name, threads
        options = dict(workload.options, threads=threads, data=OUTPUT / "data" / workload.data)
        if name == "chainrule":
            program = [engine, "serve"]
        elif name == "FANN":
            path = OUTPUT / f"fann-{options.get('numbers', 'f32')}"
            if not path.exists():
                raise Missing("not installed: it needs fann.h (Debian: libfann-dev)")
            program = [path]
        else:
            program = [sys.executable, "-B", HERE / "peers" / PROGRAMS[name]]
        pairs = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        self.log = open(OUTPUT / "log.txt", "a")
        self.process = subprocess.Popen(
            program + pairs,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=environment(threads),
            preexec_fn=lambda: pin(threads),
        )
        self.seconds, self.cores, self.least, self.kernels = [], [], [], []

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Missing("it failed: see target/bench/log.txt")
        return json.loads(line)

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def get_ready(self, seconds):
        """Loads, makes what it needs, and warms up."""
        self.version = self.hear()["version"]
        before = self.status("VmRSS")
        self.say("begin")
        self.check = self.hear()["check"]
        self.memory = self.status("VmRSS") - before
        self.peak = self.status("VmHWM")
        self.say(seconds)
        self.hear()

    def measure(self, seconds):
        """Measures once; also how many cores were at work."""
        used, start = self.processor_seconds(), time.perf_counter()
        self.say(seconds)
        answer = self.hear()
        self.cores.append((self.processor_seconds() - used) / (time.perf_counter() - start))
        self.seconds.append(answer["seconds"])
        if self.name == "chainrule":
            self.say("limits")
            limits = self.hear()
            for seconds, of_all in [(limits["least"], self.least), (limits["kernels"], self.kernels)]:
                if seconds:
                    of_all.append(seconds)

    def status(self, key):
        """Returns bytes, as Linux tells them."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        line = next(line for line in text.splitlines() if line.startswith(key + ":"))
        return int(line.split()[1]) * 1024

    def processor_seconds(self):
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text()
        except OSError:
            return 0.0
        # User and system time of all threads; the program's name may hold blanks.
        fields = text.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()

    def result(self):
        return {
            "name": self.name,
            "threads": self.threads,
            "version": self.version,
            "seconds": self.seconds,
            "median": median(self.seconds),
            # What any engine takes at least: ours measures it.
            "least": self.least,
            # And what its own products, gradients and updates take.
            "kernels": self.kernels,
            "cores": round(median(self.cores), 2),
            "check": self.check,
            "memory": self.memory,
            "peak": self.peak,
        }


def environment(threads):
    """Thread counts in every way libraries look for them. Settings that choose
    a library's kernels by hand are left out: each takes what it finds best."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    counts = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    return mine | {count: str(threads) for count in counts}


def pin(threads):
    """Lets a process run on as many processors as it may have threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def take_turns(workload, engine, rounds, seconds, tell):
    """Measures a workload: all participants in each round, in alternating
    order. Returns results, the engine's first, and who is missing, and why."""
    wanted = [("chainrule", workload.threads)] + [(peer, workload.threads) for peer in workload.peers]
    if workload.has_own_single:
        wanted.append(("chainrule", 1))
    participants, missing = [], {}
    for name, threads in wanted:
        try:
            participants.append(Participant(name, engine, workload, threads))
        except Missing as reason:
            missing[name] = str(reason)
    for participant in list(participants):
        tell(f"{workload.name}: {participant.name} gets ready")
        try:
            participant.get_ready(seconds)
        except (Missing, BrokenPipeError) as reason:
            if participant.name == "chainrule":
                raise
            missing[participant.name] = str(reason)
            participant.end()
            participants.remove(participant)
    for number in range(rounds):
        tell(f"{workload.name}: round {number + 1} of {rounds}")
        for participant in participants if number % 2 == 0 else participants[::-1]:
            # Threads of the one before that wait busily give up within this.
            time.sleep(0.25)
            participant.measure(seconds)
    for participant in participants:
        participant.end()
    return [participant.result() for participant in participants], missing
