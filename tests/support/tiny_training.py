"""tiny_training.toml, run."""

import subprocess
from pathlib import Path

GRAPH = Path(__file__).resolve().with_suffix(".toml")
# What must not depend on threads, interruptions or time.
FILES = ("metrics.jsonl", "ranking.csv", "checkpoint/last.state", "checkpoint/final.weights")


class TinyTraining:
    def __init__(self, program, graph=GRAPH):
        self.program = str(program)
        self.graph = str(graph)

    def command(self, out, *words, threads=2):
        fixed = ("--threads", str(threads), "--compute-threads", "1", "--quiet")
        return [self.program, "run", self.graph, "--out", str(out), *fixed, *words]

    def run(self, out, *words, threads=2, environment=None):
        command = self.command(out, *words, threads=threads)
        return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)


def contents(out):
    """The bytes of every file that must be the same, by name."""
    return {name: (Path(out) / name).read_bytes() for name in FILES}
