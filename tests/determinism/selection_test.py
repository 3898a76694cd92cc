#!/usr/bin/env python3
"""Which weights a run that selects leaves behind.

    selection_test.py PROGRAM [unittest's arguments]
"""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from tiny_training import GRAPH, TinyTraining

PROGRAM = Path(sys.argv.pop(1)).resolve()

# Among 8 recordings recall@10 is always 1, and of equals the later weights count: the last displace some that were kept.
ENDS_WITH_TRAINING = """
format  = 1
title   = "ends with training"
extends = "PARENT"

[stage.corpus]
validation = 8

[[run]]
flow     = "train"
epochs   = 3
validate = [{ flow = "evaluate", set = { "flow.evaluate.split" = "validation" }, every = "100 %", select = "recall@10", keep = KEEP }]
"""


class Selection(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def trained(self, keep):
        """The run's folder."""
        graph = self.folder / "graph.toml"
        parent = os.path.relpath(GRAPH, self.folder)
        graph.write_text(ENDS_WITH_TRAINING.replace("KEEP", str(keep)).replace("PARENT", parent))
        run = self.folder / f"keep-{keep}"
        ended = TinyTraining(PROGRAM, graph).run(run)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return run

    def test_a_run_that_ends_with_training_leaves_as_many_best_weights_as_it_keeps(self):
        for keep in (1, 3):
            self.assertEqual(keep, len(list((self.trained(keep) / "checkpoint").glob("best-*"))))


if __name__ == "__main__":
    unittest.main()
