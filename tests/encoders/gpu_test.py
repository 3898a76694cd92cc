#!/usr/bin/env python3
"""Networks on a GPU: what they give, that they train, and that all of it repeats. Skipped where LibTorch has no GPU.

    gpu_test.py PROGRAM [unittest's arguments]

Encoders with published weights are small and drawn here, and narrow heads need padding in some kernels: width 128.
"""

import json
import math
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from npy import rows_of
from sounds import noise, wav
from tiny_training import TinyTraining, contents

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv.pop(1)).resolve()
AUDIO = ("passt", "beats", "vast", "cavmae")
TEXT = ("roberta", "bert", "mpnet", "t5")
SENTENCES = "an owl hoots\nrain\na dog barks twice while a car passes on a wet road, then thunder over the hills\n"
NETWORKS = ("audio", "text", "project_audio", "project_text")


def settings(stage, *values):
    return [word for value in values for word in ("--set", f"stage.{stage}.{value}")]


def on_gpu(*stages):
    return [word for stage in stages for word in settings(stage, "device=cuda")]


def side_of(encoder):
    return "audio" if encoder in AUDIO else "text"


def call(*words):
    return subprocess.run([str(PROGRAM), *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=240)


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class OnGpu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "sentences.txt").write_text(SENTENCES)
        for i, frames in enumerate((16000, 16000, 80000)):
            (cls.folder / f"{i}.wav").write_bytes(wav(noise(frames, seed=i), rate_hz=16000))
        tried = cls.embedded("bert", "probe", on_gpu("text"))
        if "asks for device" in tried.stderr:
            raise unittest.SkipTest("no GPU that LibTorch can use")
        assert tried.returncode == 0, tried.stderr

    @classmethod
    def embedded(cls, encoder, name, words):
        side = side_of(encoder)
        files = sorted(cls.folder.glob("?.wav")) if side == "audio" else ["--text", cls.folder / "sentences.txt"]
        small = settings(side, "weights=random", "depth=2", "width=128")
        out = cls.folder / f"{encoder}-{name}.npy"
        return call("embed", f"graphs/encoders/{encoder}.toml", "--stage", side, "--out", out, *files, *small, *words)

    def rows(self, encoder, name, *words):
        ended = self.embedded(encoder, name, words)
        self.assertEqual(0, ended.returncode, f"{encoder}: {ended.stderr}")
        return rows_of(self.folder / f"{encoder}-{name}.npy")

    def for_each(self, encoders, check):
        with ThreadPoolExecutor(4) as pool:
            for encoder, failure in zip(encoders, pool.map(lambda one: self.failure_of(check, one), encoders)):
                with self.subTest(encoder=encoder):
                    if failure is not None:
                        raise failure

    @staticmethod
    def failure_of(check, encoder):
        try:
            check(encoder)
        except Exception as failure:  # told in the thread that knows whose it is
            return failure
        return None

    def test_in_fp32_every_encoder_gives_what_it_gives_on_the_cpu_and_the_same_bits_again(self):
        def check(encoder):
            on_cpu = self.rows(encoder, "cpu")
            there = self.rows(encoder, "gpu", *on_gpu(side_of(encoder)))
            self.assertEqual(there, self.rows(encoder, "again", *on_gpu(side_of(encoder))))
            largest = max(abs(value) for row in on_cpu for value in row)
            for ours, theirs in zip(on_cpu, there):
                self.assertLess(max(abs(a - b) for a, b in zip(ours, theirs)), 1e-4 * max(1, largest))

        self.for_each(AUDIO + TEXT, check)

    def test_in_half_precision_every_encoder_gives_nearly_the_same(self):
        def check(encoder):
            whole = self.rows(encoder, "fp32", *on_gpu(side_of(encoder)))
            for precision in ("bf16",) if encoder == "t5" else ("bf16", "fp16"):
                words = on_gpu(side_of(encoder)) + settings(side_of(encoder), f"precision={precision}")
                for a, b in zip(whole, self.rows(encoder, precision, *words)):
                    self.assertGreater(cosine(a, b), 0.995, precision)

        self.for_each(AUDIO + TEXT, check)

    def losses_and_weights(self, audio, text, name, *words):
        small = settings("audio", "weights=random", "depth=2", "width=128")
        small += settings("text", "weights=random", "depth=2", "width=128")
        out = self.folder / f"{audio}-{name}"
        parts = ("--use", f"audio/{audio}", "--use", f"text/{text}")
        ran = call("run", "tests/encoders/pairing.toml", *parts, *small, *words, "--out", out, "--quiet")
        self.assertEqual(0, ran.returncode, f"{audio}, {text}: {ran.stderr}")
        records = map(json.loads, (out / "metrics.jsonl").read_text().splitlines())
        return [one["loss"] for one in records if "loss" in one], (out / "checkpoint/final.weights").read_bytes()

    def test_every_encoder_trains_as_on_the_cpu_and_to_the_same_bits_again(self):
        texts = dict(zip(AUDIO, TEXT))

        def check(audio):
            here, _ = self.losses_and_weights(audio, texts[audio], "cpu")
            there, weights = self.losses_and_weights(audio, texts[audio], "gpu", *on_gpu(*NETWORKS))
            self.assertEqual((there, weights), self.losses_and_weights(audio, texts[audio], "again", *on_gpu(*NETWORKS)))
            self.assertEqual(2, len(there))
            for a, b in zip(here, there):
                self.assertAlmostEqual(a, b, delta=1e-3)

        self.for_each(AUDIO, check)

    def test_in_chunks_it_trains_as_in_one_piece(self):
        whole, _ = self.losses_and_weights("passt", "roberta", "whole", *on_gpu(*NETWORKS))
        chunks = settings("audio", "chunk=3") + settings("text", "chunk=3")
        parts, _ = self.losses_and_weights("passt", "roberta", "chunks", *on_gpu(*NETWORKS), *chunks)
        for a, b in zip(whole, parts):
            self.assertAlmostEqual(a, b, delta=1e-4)

    def test_killed_and_resumed_a_training_run_ends_in_the_same_bytes(self):
        training = TinyTraining(PROGRAM)
        words = on_gpu(*NETWORKS)
        whole = training.run(self.folder / "whole", *words)
        self.assertEqual(0, whole.returncode, whole.stderr)
        cut = self.folder / "cut"
        run = subprocess.Popen(training.command(cut, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while run.poll() is None and not (cut / "checkpoint/last.state").exists():
            time.sleep(0.001)
        run.send_signal(signal.SIGKILL)
        run.wait()
        resumed = training.run(cut, *words, "--resume")
        self.assertEqual(0, resumed.returncode, resumed.stderr)
        self.assertEqual(contents(self.folder / "whole"), contents(cut))

    def test_what_trains_from_scratch_does_so_too(self):
        training = TinyTraining(PROGRAM)
        ended = training.run(self.folder / "crnn", "--use", "audio/crnn", *settings("audio", "dim=32"), *on_gpu(*NETWORKS))
        self.assertEqual(0, ended.returncode, ended.stderr)


if __name__ == "__main__":
    unittest.main()
