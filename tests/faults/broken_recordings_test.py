#!/usr/bin/env python3
"""10,000 recordings of which 500 are broken in ten different ways: what is done, what is quarantined, and why.

    broken_recordings_test.py PROGRAM [unittest's arguments]
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from sounds import flac_header, header, noise, wav

PROGRAM = Path(sys.argv.pop(1)).resolve()
RECORDINGS = 10_000
BROKEN = 500
FRAMES = 800  # 0.1 s at 8 kHz

GRAPH = """
format = 1
title  = "broken recordings"

[stage.corpus]
plugin   = "folder"
path     = "sounds"
ON_ERROR

[stage.decode]
plugin   = "decode"
ON_ERROR

[stage.resample]
plugin         = "resample"
sample_rate_hz = "16 kHz"

[stage.logmel]
plugin   = "logmel"
ON_ERROR

[flow.features.wires]
audio = "corpus.recordings.audio -> decode -> resample -> logmel"

[[run]]
flow = "features"
"""

GOOD = wav(noise(FRAMES))
NAN = b"\x00\x00\xc0\x7f"
WAYS = {
    "empty.wav": b"",
    "header-cut-off.wav": GOOD[:20],
    "text.wav": b"this is no sound, it is a sentence about one\n" * 20,
    "too-many-channels.wav": header(2 * FRAMES, channels=60_000) + noise(FRAMES),
    "absurd-rate.wav": header(2 * FRAMES, rate_hz=4_000_000_000) + noise(FRAMES),
    "not-a-number.wav": wav(NAN * FRAMES, bits=32, code=3),
    "no-frames.wav": wav(b""),
    "wrong-magic.wav": b"RIFX" + GOOD[4:8] + b"EVAW" + GOOD[12:],
    "data-cut-off.flac": flac_header(FRAMES),
    "too-many-frames.flac": flac_header(2**36 - 1) + noise(FRAMES),
}


def way_of(lost):
    return lost["item"].split("-", 1)[1]


def last_line(ended):
    return ended.stdout.splitlines()[-1].replace(",", "")


class BrokenRecordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        sounds = cls.folder / "sounds"
        ways = list(WAYS)
        for i in range(RECORDINGS):
            part = sounds / f"{i // 500:02}"
            if i % 500 == 0:
                part.mkdir(parents=True)
            if i % (RECORDINGS // BROKEN) == 7:  # one in twenty, the ways in turn
                way = ways[i // (RECORDINGS // BROKEN) % len(ways)]
                (part / f"{i:05}-{way}").write_bytes(WAYS[way])
            else:
                (part / f"{i:05}.wav").write_bytes(GOOD)
        # What only looks like a recording is none: it is not admitted and nothing waits for it.
        (sounds / "folder.wav").mkdir()
        (sounds / "leads-nowhere.wav").symlink_to("nowhere")
        os.mkfifo(sounds / "pipe.wav")

    def run_with(self, on_error):
        out = self.folder / self.id()
        graph = self.folder / f"{self.id()}.toml"
        graph.write_text(GRAPH.replace("ON_ERROR", f"on_error = {on_error}"))
        command = [str(PROGRAM), "run", str(graph), "--out", str(out), "--threads", "2"]
        ended = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=240)
        items = out / "items.jsonl"
        return ended, [json.loads(line) for line in items.read_text().splitlines()] if items.exists() else []

    def test_within_the_budget_9500_are_done_and_500_quarantined_each_with_its_reason(self):
        ended, lost = self.run_with('{ policy = "quarantine", budget = "10 %" }')
        self.assertEqual(0, ended.returncode, ended.stderr)
        self.assertIn("10000 admitted = 9500 done + 0 skipped + 500 quarantined", last_line(ended))
        found = collections.Counter(way_of(each) for each in lost)
        self.assertEqual({way: BROKEN // len(WAYS) for way in WAYS}, dict(found))
        self.assertEqual(BROKEN, len({each["item"] for each in lost}))
        for each in lost:
            self.assertEqual("quarantined", each["outcome"], each)
            self.assertTrue(each["stage"] and each["why"] and each["message"], each)

    def test_over_the_budget_the_run_fails_and_says_which_budget(self):
        ended, _ = self.run_with('{ policy = "quarantine", budget = "1 %" }')
        self.assertEqual(1, ended.returncode, ended.stderr)
        self.assertIn("more than 100 of 10000 items failed", ended.stderr)
        self.assertRegex(last_line(ended), r"^items: [\d,]+ admitted = ")

    def test_without_a_policy_the_first_broken_recording_ends_the_run_and_is_named(self):
        ended, lost = self.run_with('{ policy = "fail" }')
        self.assertEqual(1, ended.returncode, ended.stderr)
        self.assertIn(".wav'", ended.stderr)
        self.assertEqual("failed", lost[0]["outcome"])


if __name__ == "__main__":
    unittest.main()
