#!/usr/bin/env python3
"""earshot embed: rows in the order given, what fails and how, files and sentences.

    embed_test.py PROGRAM [unittest's arguments]
"""

import json
import math
import struct
import subprocess
import sys
import tempfile
import unittest
import wave
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from npy import rows_of

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv.pop(1)).resolve()
AUDIO = [ROOT / "graphs/encoders/passt.toml", "--stage", "audio"]
SMALL = [word for value in ("weights=random", "depth=2", "width=64") for word in ("--set", f"stage.audio.{value}")]
TEXT = [ROOT / "graphs/base/two_tower.toml", "--stage", "text"]


class Embed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "x.npy"

    def sound(self, name, frequency_hz, length_s=1.0):
        with wave.open(str(self.folder / name), "wb") as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            frames = range(int(16000 * length_s))
            samples = [int(9000 * math.sin(2 * math.pi * frequency_hz * i / 16000)) for i in frames]
            file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
        return name

    def embed(self, *words, code=0, stdin=None):
        command = [PROGRAM, "embed", *words, "--out", self.out]
        ended = subprocess.run(
            list(map(str, command)), cwd=self.folder, capture_output=True, text=True, timeout=120, input=stdin
        )
        self.assertEqual(code, ended.returncode, ended.stdout + ended.stderr)
        return ended.stdout if code == 0 else ended.stderr

    def test_rows_come_in_the_order_given_and_a_file_named_twice_has_two(self):
        high, low = self.sound("high.wav", 2000, 1.3), self.sound("low.wav", 150)
        said = self.embed(*AUDIO, *SMALL, high, low, high)
        self.assertIn("3 rows of 64", said)
        first, second, third = rows_of(self.out)
        self.embed(*AUDIO, *SMALL, low)
        self.assertEqual([second], rows_of(self.out))
        self.assertEqual(first, third)
        self.assertNotEqual(first, second)

    def test_a_broken_file_ends_the_command_and_nothing_is_written(self):
        (self.folder / "broken.wav").write_bytes(b"RIFF and nothing else")
        error = self.embed(*AUDIO, *SMALL, self.sound("low.wav", 150), "broken.wav", code=1)
        self.assertIn("broken.wav", error)
        self.assertNotIn("left out", error)
        self.assertFalse(self.out.exists())

    def test_with_keep_going_broken_files_are_named_and_rows_of_nan(self):
        (self.folder / "broken.wav").write_bytes(b"RIFF and nothing else")
        words = ["none.wav", self.sound("low.wav", 150), "broken.wav", "--keep-going", "--json"]
        said = json.loads(self.embed(*AUDIO, *SMALL, *words))
        self.assertEqual(["none.wav", "broken.wav"], [failed["name"] for failed in said["failed"]])
        rows = rows_of(self.out)
        self.assertEqual([True, False, True], [all(map(math.isnan, row)) for row in rows])
        self.assertFalse(any(map(math.isnan, rows[1])))

    def test_where_nothing_can_be_embedded_that_is_an_error(self):
        self.assertIn("none of 1", self.embed(*AUDIO, *SMALL, "none.wav", "--keep-going", code=2))

    def test_a_sentence_a_line_whatever_ends_the_line_and_an_empty_one_too(self):
        self.embed(*TEXT, "--text", "-", stdin="an owl hoots\r\n\nrain\nan owl hoots")
        rows = rows_of(self.out)
        self.assertEqual(4, len(rows))
        self.assertEqual(rows[0], rows[3])
        self.assertNotEqual(rows[0], rows[2])

    def test_a_line_that_is_no_text_is_named(self):
        (self.folder / "lines.txt").write_bytes(b"rain\n\xff\xfe\n")
        self.assertIn("'2'", self.embed(*TEXT, "--text", "lines.txt", code=1))

    def test_an_unknown_stage_is_refused_with_those_that_there_are(self):
        error = self.embed(AUDIO[0], "--stage", "sound", *SMALL, "low.wav", code=2)
        self.assertIn("no stage is called 'sound'; these give embeddings: audio", error)

    def test_files_for_a_stage_of_texts_are_refused(self):
        self.assertIn("from one source of kind recording", self.embed(*TEXT, "low.wav", code=2))

    def test_a_folder_that_is_not_there_is_refused_before_anything_is_computed(self):
        self.out = self.folder / "none/x.npy"
        self.assertIn("there is no folder", self.embed(*AUDIO, *SMALL, "low.wav", code=2))

    def test_files_and_text_at_once_or_neither_are_refused(self):
        for words in (["low.wav", "--text", "-"], []):
            with self.subTest(words):
                self.assertIn("either files behind GRAPH, or --text", self.embed(*AUDIO, *words, code=2))


if __name__ == "__main__":
    unittest.main()
