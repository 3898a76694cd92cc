#!/usr/bin/env python3
"""Training runs that are killed or interrupted end, resumed, in the bytes of a run that was not.

    crash_test.py PROGRAM [unittest's arguments]
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from tiny_training import FILES, TinyTraining, contents

PROGRAM = Path(sys.argv.pop(1)).resolve()
KILLS = 10


def lines(file):
    return file.read_bytes().count(b"\n") if file.exists() else 0


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.training = TinyTraining(PROGRAM)
        cls.whole = cls.folder / "whole"
        ended = cls.training.run(cls.whole)
        assert ended.returncode == 0, ended.stderr
        cls.expected = contents(cls.whole)

    def send(self, out, stop, written, delay_s=0.0):
        """Sends a signal once a run has written so many lines of metrics; its exit status."""
        resume = ("--resume",) if out.exists() else ()
        run = subprocess.Popen(self.training.command(out, *resume), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while run.poll() is None and lines(out / "metrics.jsonl") < written:
                time.sleep(0.001)
            time.sleep(delay_s)
            run.send_signal(stop)
            return run.wait(timeout=60)
        finally:
            run.kill()
            run.wait()

    def assert_same_bytes(self, out):
        ended = self.training.run(out, "--resume")
        self.assertEqual(0, ended.returncode, ended.stderr)
        for name, found in contents(out).items():
            self.assertEqual(self.expected[name], found, name)

    def test_killed_at_ten_random_moments_it_ends_in_the_same_bytes(self):
        out = self.folder / "killed"
        draw = random.Random(20)
        total = lines(self.whole / "metrics.jsonl")
        killed = 0
        for turn in range(KILLS):  # one in every tenth of the run, where in it and how long after a line at random
            written = round((turn + draw.random()) * total / KILLS)
            killed += self.send(out, signal.SIGKILL, written, draw.uniform(0, 0.02)) == -signal.SIGKILL
        self.assertGreaterEqual(killed, KILLS - 1)  # the last may come when the run has ended
        self.assert_same_bytes(out)

    def test_terminated_it_exits_with_130_within_20_s_and_ends_in_the_same_bytes(self):
        out = self.folder / "terminated"
        for written in (3, 17):
            begun = time.monotonic()
            self.assertEqual(130, self.send(out, signal.SIGTERM, written))
            self.assertLess(time.monotonic() - begun, 20)
        self.assert_same_bytes(out)

    def test_resumed_when_it_is_done_it_says_so_and_changes_nothing(self):
        before = {file: file.stat().st_mtime_ns for file in self.whole.rglob("*")}
        ended = self.training.run(self.whole, "--resume")
        self.assertEqual(0, ended.returncode, ended.stderr)
        self.assertIn("done already", ended.stdout + ended.stderr)
        self.assertEqual(before, {file: file.stat().st_mtime_ns for file in self.whole.rglob("*")})
        self.assertEqual(self.expected, contents(self.whole))

    def test_what_is_compared_is_not_empty(self):
        for name in FILES:
            self.assertGreater(len(self.expected[name]), 100, name)


if __name__ == "__main__":
    unittest.main()
