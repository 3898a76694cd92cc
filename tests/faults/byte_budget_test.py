#!/usr/bin/env python3
"""A byte budget of 256 MiB holds over clips of 60 s and one recording of three hours: the most memory that the program
ever held is below a stated base and the budget.

    byte_budget_test.py PROGRAM [unittest's arguments]

EARSHOT_CLIPS says how many clips (300; the full size is 5000).
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from sounds import header, noise, wav

PROGRAM = Path(sys.argv.pop(1)).resolve()
CLIPS = int(os.environ.get("EARSHOT_CLIPS", "300"))
RATE_HZ = 8000
HOURS = 3
MIB = 1 << 20
BUDGET = 256 * MIB
# The program, its libraries, the flow graph and what threads keep of freed memory.
BASE = 64 * MIB

GRAPH = """
format = 1
title  = "byte budget"

[stage.corpus]
plugin = "folder"
path   = "sounds"

[stage.windows]
plugin   = "windows"
length_s = "60 s"
hop_s    = "60 s"

[stage.decode]
plugin = "decode"

[stage.resample]
plugin         = "resample"
sample_rate_hz = "32 kHz"

[stage.logmel]
plugin = "logmel"

[flow.features]
budget = { bytes = "256 MiB", items = 5000 }  # so many items that only the bytes can bind
wires  = { audio = "corpus.recordings.audio -> windows -> decode -> resample -> logmel" }

[[run]]
flow = "features"
"""


class ByteBudget(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        sounds = self.folder / "sounds"
        sounds.mkdir()
        (sounds / "clip-0.wav").write_bytes(wav(noise(RATE_HZ) * 60, rate_hz=RATE_HZ))
        for clip in range(1, CLIPS):
            os.link(sounds / "clip-0.wav", sounds / f"clip-{clip}.wav")
        data_bytes = 2 * RATE_HZ * 3600 * HOURS
        with open(sounds / "hours.wav", "wb") as hours:  # silence that takes no room on the disk
            hours.write(header(data_bytes, rate_hz=RATE_HZ))
            hours.truncate(44 + data_bytes)
        (self.folder / "graph.toml").write_text(GRAPH)

    def test_the_most_memory_ever_held_is_below_base_and_budget(self):
        command = [str(PROGRAM), "run", "graph.toml", "--out", "out", "--threads", "2", "--quiet"]
        run = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        with run.stdout:
            out = run.stdout.read()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(0, run.returncode)
        self.assertIn(f"{CLIPS + 1} admitted = {CLIPS + 1} done", out.replace(",", ""))
        print(f"peak: {usage.ru_maxrss / 1024:.0f} MiB", file=sys.stderr)
        if "asan" not in str(PROGRAM):
            self.assertLess(usage.ru_maxrss * 1024, BASE + BUDGET)


if __name__ == "__main__":
    unittest.main()
