#!/usr/bin/env python3
"""Training from cold, warm and half-warm caches ends in the same bytes; encoders are swapped and swapped back.

    same_bits_test.py PROGRAM [unittest's arguments]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from sounds import noise, wav
from tiny_training import TinyTraining, contents

PROGRAM = Path(sys.argv.pop(1)).resolve()


class SameBits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.training = TinyTraining(PROGRAM)

    def trained(self, out, *words):
        """What training leaves, and what came of its cache."""
        store = ("--set", f"cache.path={self.folder / 'store'}")
        ended = self.training.run(self.folder / out, "--json", *store, *words)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return contents(self.folder / out), json.loads(ended.stdout)["cache"]

    def cache(self, verb, *words):
        command = [PROGRAM, "cache", verb, self.folder / "store", "--json", *words]
        ended = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True)
        return json.loads(ended.stdout)

    def evict_half(self):
        self.cache("evict", "--to-size", f"{self.cache('verify')['bytes'] // 2} B", "--yes")

    def assert_same_from_any_cache(self, *words):
        cold, first = self.trained("cold", *words)
        self.assertGreater(first["misses"], 0)
        warm, second = self.trained("warm", *words)
        self.assertEqual(0, second["misses"])
        self.evict_half()
        half, third = self.trained("half", *words)
        self.assertTrue(0 < third["misses"] < first["misses"])
        self.assertEqual(cold, warm)
        self.assertEqual(cold, half)

    def test_with_waveforms_that_lose_precision(self):
        self.assert_same_from_any_cache("--set", "stage.resample.cache=pcm16")

    def test_with_waveforms_as_flac(self):
        self.assert_same_from_any_cache("--set", "stage.resample.cache=flac")

    def test_with_exact_waveforms(self):
        self.assert_same_from_any_cache("--set", "stage.resample.cache=true")

    def test_with_ids_of_sentences(self):
        self.assert_same_from_any_cache("--set", "stage.tokenise.cache=true")


class Swap(unittest.TestCase):
    """Frozen encoders whose embeddings are kept."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sounds").mkdir()
        for i in range(12):
            (self.folder / "sounds" / f"{i}.wav").write_bytes(wav(noise(8000 * (1 + i), seed=i)))

    def computed(self, *words):
        graph = Path(__file__).resolve().parents[2] / "graphs" / "caching" / "embeddings.toml"
        fixed = ("--set", "stage.corpus.path=sounds", "--set", "cache.path=store", "--set", "stage.logmel.cache=fp16")
        out = self.folder / f"run{len(list(self.folder.iterdir()))}"
        command = [PROGRAM, "run", graph, "--json", "--quiet", "--out", out, *fixed, *words]
        ended = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(0, ended.returncode, ended.stderr)
        stages = json.loads(ended.stdout)["computed_by_stage"]
        return {stage: stages[stage] for stage in ("decode", "logmel", "audio")}

    def test_another_encoder_misses_all_that_its_front_end_touches_and_back_it_hits(self):
        swap = ("--set", "stage.audio.plugin=crnn")
        first = self.computed()
        self.assertGreater(first["audio"], 12)
        self.assertEqual(first, self.computed(*swap))
        self.assertEqual({"decode": 0, "logmel": 0, "audio": 0}, self.computed())
        self.assertEqual({"decode": 0, "logmel": 0, "audio": 0}, self.computed(*swap))

    def test_other_weights_miss_at_the_encoder_alone(self):
        first = self.computed()
        self.assertEqual({"decode": 0, "logmel": 0, "audio": first["audio"]}, self.computed("--set", "seed=2"))
        self.assertEqual({"decode": 0, "logmel": 0, "audio": 0}, self.computed())


if __name__ == "__main__":
    unittest.main()
