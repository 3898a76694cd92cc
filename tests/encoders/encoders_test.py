#!/usr/bin/env python3
"""Every audio encoder with every text encoder passes the check, and trains two steps, by nothing but `--use`.

    encoders_test.py PROGRAM [unittest's arguments]

Encoders with published weights are small and drawn here: `SMALL` says how.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build/release/bin/earshot"
GRAPH = ROOT / "tests/encoders/pairing.toml"
DRAWN = ("weights=random", "depth=2", "width=64")
PUBLISHED = ("audio/passt", "audio/beats", "audio/vast", "audio/cavmae", "text/roberta", "text/bert",
             "text/sentence-bert", "text/mpnet", "text/t5")  # fmt: skip
SMALL = dict.fromkeys(PUBLISHED, DRAWN)


def parts(side):
    return sorted(f"{side}/{file.stem}" for file in (ROOT / "graphs/base" / side).glob("*.toml"))


def choice(*used):
    """The words that take `used` parts, small."""
    words = []
    for part in used:
        words += ["--use", part]
        for value in SMALL.get(part, ()):
            words += ["--set", f"stage.{part.split('/')[0]}.{value}"]
    return words


def said_by(*words, environment=None):
    words = [PROGRAM, *map(str, words)]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


class Pairings(unittest.TestCase):
    def test_every_pairing_passes_the_check(self):
        for audio in parts("audio"):
            for text in parts("text"):
                with self.subTest(audio=audio, text=text):
                    checked = said_by("check", GRAPH, *choice(audio, text))
                    self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_every_encoder_trains_two_steps(self):
        audios, texts = parts("audio"), parts("text")
        for i in range(max(len(audios), len(texts))):
            audio, text = audios[i % len(audios)], texts[i % len(texts)]
            with self.subTest(audio=audio, text=text), tempfile.TemporaryDirectory() as folder:
                ran = said_by("run", GRAPH, *choice(audio, text), "--out", f"{folder}/run", "--quiet")
                self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
                lines = (Path(folder) / "run/metrics.jsonl").read_text().splitlines()
                losses = [record["loss"] for record in map(json.loads, lines) if "loss" in record]
                self.assertEqual(2, len(losses), lines)


class OwnEmbeddings(unittest.TestCase):
    def test_the_graph_of_every_encoder_passes_the_check(self):
        for graph in sorted((ROOT / "graphs/encoders").glob("*.toml")):
            with self.subTest(graph=graph.name):
                side = "audio" if f"audio/{graph.stem}" in parts("audio") else "text"
                checked = said_by("check", graph, "--set", f"stage.{side}.weights=random")
                self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_without_weights_the_error_names_the_file_and_where_it_is_published(self):
        for part, names in (("audio/passt", ("passt-s-f128-p16-s16-ap.468", "github.com/kkoutini/PaSST")),
                            ("text/roberta", ("roberta-base", "huggingface.co/FacebookAI/roberta-base"))):  # fmt: skip
            with self.subTest(part=part), tempfile.TemporaryDirectory() as folder:
                environment = {**os.environ, "EARSHOT_WEIGHTS": folder, "XDG_CACHE_HOME": folder}
                ran = said_by("run", GRAPH, "--use", part, "--out", f"{folder}/run", "--quiet", environment=environment)
                self.assertNotEqual(0, ran.returncode)
                for named in (*names, "tools/convert"):
                    self.assertIn(named, ran.stderr)

    def test_sentences_are_encoded_by_the_graph_of_every_text_encoder(self):
        for graph in sorted(f"graphs/encoders/{part.split('/')[1]}.toml" for part in PUBLISHED if "text/" in part):
            words = [word for value in DRAWN for word in ("--set", f"stage.text.{value}")]
            lines = 'stage.queries.lines=["an owl hoots", "rain, then thunder over the hills"]'
            with self.subTest(graph=graph):
                peeked = said_by("peek", graph, *words, "--set", lines, "--flow", "embed", "--at", "text")
                self.assertEqual(0, peeked.returncode, peeked.stderr)
                self.assertIn("[64]", peeked.stdout)


if __name__ == "__main__":
    unittest.main()
