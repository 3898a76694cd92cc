#!/usr/bin/env python3
"""A NaN put into a waveform, a loss or a weight ends a training run before the optimiser, and is named where it began.

    not_finite_test.py PROGRAM FOLDER_OF_PLUGINS [unittest's arguments]
"""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from tiny_training import TinyTraining

HERE = Path(__file__).resolve().parent
PROGRAM = Path(sys.argv.pop(1)).resolve()
ENVIRONMENT = {**os.environ, "EARSHOT_PLUGIN_PATH": str(Path(sys.argv.pop(1)).resolve())}


class NotFinite(unittest.TestCase):
    def train(self, graph, *words):
        """stderr of a run that fails, and the steps that it wrote."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            ended = TinyTraining(PROGRAM, HERE / graph).run(out, *words, environment=ENVIRONMENT)
            self.assertEqual(1, ended.returncode, ended.stdout + ended.stderr)
            metrics = out / "metrics.jsonl"
            lines = [json.loads(line) for line in metrics.read_text().splitlines()] if metrics.exists() else []
            return ended.stderr, [line["step"] for line in lines if line["flow"] == "train"]

    def test_in_a_waveform_it_names_the_stage_and_the_item(self):
        errors, steps = self.train("nan_in_waveform.toml")
        self.assertIn("stage 'nan', item 'train-000007': port 'audio' holds NaN or infinity", errors)
        self.assertLess(len(steps), 12)  # the item is in the first epoch, which so does not end

    def test_in_a_loss_it_names_the_stage_and_that_step_updates_nothing(self):
        errors, steps = self.train("nan_in_loss.toml")
        self.assertRegex(errors, "stage 'nan'.* holds NaN or infinity")
        self.assertEqual([1, 2], steps)

    def test_in_a_weight_it_names_the_stage_and_the_parameter(self):
        errors, steps = self.train("nan_in_weight.toml")
        self.assertRegex(errors, "stage 'audio'.* the first parameter that is not finite is 'audio/frame.weight'")
        self.assertEqual([1, 2], sorted(set(steps)))  # two stages step

    def test_in_a_weight_it_ends_the_run_also_where_failing_items_are_skipped(self):
        errors, steps = self.train("nan_in_weight.toml", "--set", 'stage.audio.on_error={policy="skip"}')
        self.assertRegex(errors, "stage 'audio', batch 3: .* the first parameter that is not finite is 'audio/")
        self.assertEqual([1, 2], sorted(set(steps)))


if __name__ == "__main__":
    unittest.main()
