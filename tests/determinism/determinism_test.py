#!/usr/bin/env python3
"""The same seed gives the same bytes with 1, 2 and 8 flow-graph threads, and another seed others.

    determinism_test.py PROGRAM [unittest's arguments]
"""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from tiny_training import TinyTraining, contents

PROGRAM = Path(sys.argv.pop(1)).resolve()


class Determinism(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.training = TinyTraining(PROGRAM)

    def result(self, name, *words, threads):
        ended = self.training.run(self.folder / name, *words, threads=threads)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return contents(self.folder / name)

    def test_metrics_and_checkpoints_do_not_depend_on_the_number_of_threads(self):
        one = self.result("one", threads=1)
        for threads in (2, 8):
            for name, found in self.result(f"threads-{threads}", threads=threads).items():
                self.assertEqual(one[name], found, f"{name} with {threads} threads")

    def test_another_seed_gives_other_metrics_and_weights(self):
        one = self.result("one", threads=2)
        other = self.result("other", "--set", "seed=6", threads=2)
        for name in ("metrics.jsonl", "checkpoint/final.weights"):
            self.assertNotEqual(one[name], other[name], name)


if __name__ == "__main__":
    unittest.main()
