#!/usr/bin/env python3
"""Sentences with words that no training caption holds, and the recordings that they find.

    open_vocabulary.py PROGRAM                     what the list is, and what the language model alone makes of it
    open_vocabulary.py PROGRAM --run RUN           what a trained run of graphs/quickstart.toml finds, sentence by
                                                   sentence, through `earshot search`; ends with 1 below LEAST_TRAINED

The list is data/scenes/open_vocabulary.json: a sentence, its new words, and the recordings of the palette that it
means. Found is what is among the first three of 85.
"""

import array
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PALETTE = json.loads((ROOT / "data/scenes/palette.json").read_text(encoding="utf-8"))
LIST = json.loads((ROOT / "data/scenes/open_vocabulary.json").read_text(encoding="utf-8"))
FIRST = 3
LEAST_OF_TEXT = 0.8  # of the sentences, compared with captions
LEAST_TRAINED = 0.5  # of the sentences, compared with recordings
JOINING = {"then", "while", "and", "in", "the", "background"}  # what composed captions add


def said_by(*words):
    return subprocess.run([PROGRAM, *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=300)


def values_of(npy):
    """Of a float32 array: its header is skipped."""
    data = npy.read_bytes()
    return array.array("f", data[10 + struct.unpack("<H", data[8:10])[0] :])


class TheList(unittest.TestCase):
    def test_there_are_at_least_twenty_sentences_with_words_of_no_caption(self):
        self.assertGreaterEqual(len(LIST), 20)
        captions = [caption for recording in PALETTE["recordings"] for caption in recording["captions"]]
        known = {word for caption in captions for word in re.findall(r"[a-z'-]+", caption.lower())} | JOINING
        for entry in LIST:
            with self.subTest(sentence=entry["sentence"]):
                self.assertTrue(entry["new"])
                for word in entry["new"]:
                    self.assertIn(word, entry["sentence"].split())
                    self.assertNotIn(word, known)

    def test_every_recording_is_in_the_palette(self):
        files = {recording["file"] for recording in PALETTE["recordings"]}
        for entry in LIST:
            self.assertTrue(entry["finds"])
            self.assertLessEqual(set(entry["finds"]), files)


class LanguageModel(unittest.TestCase):
    """Sentence-BERT alone: the caption that is nearest to each sentence."""

    def test_finds_captions_by_words_that_they_do_not_hold(self):
        captions = [(r["file"], caption) for r in PALETTE["recordings"] for caption in r["captions"]]
        sentences = [entry["sentence"] for entry in LIST]
        lines = [caption for _, caption in captions] + sentences
        with tempfile.TemporaryDirectory() as folder:
            ran = said_by("peek", "graphs/encoders/sentence-bert.toml", "--flow", "embed", "--at", "text", "--items",
                          len(lines), "--save", folder, "--set", f"stage.queries.lines={json.dumps(lines)}")
            if "are not here" in ran.stderr:
                self.skipTest("no all-minilm-l6-v2: tools/setup installs it")
            self.assertEqual(0, ran.returncode, ran.stderr)
            number = lambda file: int(file.name.split(".")[2].split("-")[0])  # noqa: E731
            rows = [values_of(file) for file in sorted(Path(folder).glob("text.*.npy"), key=number)]
        found = 0
        for entry, sentence in zip(LIST, rows[len(captions) :], strict=True):
            best = {}
            for (file, _), caption in zip(captions, rows, strict=False):
                cosine = sum(a * b for a, b in zip(sentence, caption, strict=True))
                best[file] = max(best.get(file, -1), cosine)
            found += bool(set(sorted(best, key=best.get)[-FIRST:]) & set(entry["finds"]))
        self.assertGreaterEqual(found / len(LIST), LEAST_OF_TEXT)


def search_all(run):
    """Prints what each sentence finds among the palette's recordings; the share that found one of theirs."""
    with tempfile.TemporaryDirectory() as folder:
        for recording in PALETTE["recordings"]:
            target = Path(folder) / recording["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(PALETTE["root"]) / recording["file"], target)
        found = 0
        for entry in LIST:
            ran = said_by("search", run, entry["sentence"], "--in", folder, "-k", FIRST, "--json")
            if ran.returncode != 0:
                sys.exit(ran.stderr)
            files = [str(Path(hit["file"]).relative_to(folder)) for hit in json.loads(ran.stdout)["results"]]
            right = bool(set(files) & set(entry["finds"]))
            found += right
            print(f"{'found ' if right else 'missed'}  {entry['sentence']:45} {', '.join(Path(f).stem for f in files)}",
                  flush=True)  # fmt: skip
    return found / len(LIST)


if __name__ == "__main__":
    PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build/release/bin/earshot"
    if "--run" in sys.argv:
        share = search_all(Path(sys.argv[sys.argv.index("--run") + 1]).resolve())
        chance = FIRST / len(PALETTE["recordings"])
        print(f"{share:.2f} of {len(LIST)} sentences found, at least {LEAST_TRAINED} expected; chance {chance:.2f}")
        sys.exit(0 if share >= LEAST_TRAINED else 1)
    unittest.main()
