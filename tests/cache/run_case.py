"""What the tests of caching runs share: a folder of sounds, a graph over it, runs and what they say."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from sounds import wav

PROGRAM = Path(sys.argv.pop(1)).resolve()
RATE_HZ = 8000

GRAPH = """
format = 1
title  = "kept"

[cache]
path = "store"

[stage.corpus]
plugin = "folder"
path   = "sounds"

[stage.decode]
plugin = "decode"

[stage.resample]
plugin         = "resample"
sample_rate_hz = "16 kHz"
cache          = "pcm16"

[stage.logmel]
plugin = "logmel"
cache  = "fp16"

[flow.features]
batch = 4

[flow.features.wires]
audio = "corpus.recordings.audio -> decode -> resample -> logmel"

[[run]]
flow = "features"
"""


def sound(seconds, seed):
    """16-bit noise that no other seed gives."""
    return wav(random.Random(seed).randbytes(2 * round(seconds * RATE_HZ)))


def bytes_below(folder):
    """The content of every file, by its path in the folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


class RunCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.sounds = self.folder / "sounds"
        self.store = self.folder / "store"
        self.graph(GRAPH)
        self.runs = 0

    def graph(self, text):
        (self.folder / "graph.toml").write_text(text)

    def write_sounds(self, count, seconds=1.0):
        self.sounds.mkdir(exist_ok=True)
        for i in range(count):
            (self.sounds / f"sound{i:03}.wav").write_bytes(sound(seconds, i))

    def command(self, verb, *words):
        return [str(word) for word in (PROGRAM, verb, "graph.toml", *words)]

    def call(self, command, environment=None):
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "OMPI", "PMI"))}
        return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=self.folder,
                              env=surroundings | (environment or {}))

    def out(self):
        self.runs += 1
        return self.folder / f"run{self.runs}"

    def run_graph(self, *words, environment=None, code=0):
        """What a run of the graph says of itself."""
        ended = self.call(self.command("run", "--out", self.out(), "--json", *words), environment)
        self.assertEqual(code, ended.returncode, ended.stdout + ended.stderr)
        self.stderr = ended.stderr
        return json.loads(ended.stdout) if ended.stdout else None

    def plan(self, *words, code=0):
        """What a plan says of each stage; the whole of it is in self.planned."""
        ended = self.call(self.command("plan", "--json", *words))
        self.assertEqual(code, ended.returncode, ended.stdout + ended.stderr)
        self.stderr = ended.stderr
        self.planned = json.loads(ended.stdout)
        return {stage["name"]: stage for stage in self.planned["stages"]}

    def why(self, stage):
        return {reason["why"]: reason["items"] for reason in stage["reasons"]}

    def exported(self, store=None):
        out = self.out()
        ended = self.call([str(word) for word in (PROGRAM, "cache", "export", store or self.store, "--out", out)])
        self.assertEqual(0, ended.returncode, ended.stderr)
        return bytes_below(out)

    def assert_computed(self, ran, **expected):
        """How many items each stage computed."""
        self.assertEqual(expected, {stage: ran["computed_by_stage"][stage] for stage in expected})
