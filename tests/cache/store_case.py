"""What the tests of whole stores share: a folder, a program that writes records, the verbs of `earshot cache`."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop(1)).resolve()
WRITER = Path(sys.argv.pop(1)).resolve()


class StoreCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.store = self.folder / "store"

    def writing(self, count, batch=10, size=1000, stage="logmel", hop=10, shard="", store=None):
        return [str(word) for word in (WRITER, store or self.store, count, batch, size, stage, hop, shard)]

    def write(self, *arguments, **options):
        """Runs the writer to its end."""
        return subprocess.run(self.writing(*arguments, **options), capture_output=True, text=True, timeout=120)

    def written(self, *arguments, **options):
        ended = self.write(*arguments, **options)
        self.assertEqual(0, ended.returncode, ended.stderr)

    def cache(self, verb, *words):
        command = [str(word) for word in (PROGRAM, "cache", verb, *words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    def done(self, verb, *words):
        ended = self.cache(verb, *words)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout

    def refused(self, verb, *words, code=1):
        ended = self.cache(verb, *words)
        self.assertEqual(code, ended.returncode, ended.stdout + ended.stderr)
        return ended.stderr

    def json(self, verb, *words):
        return json.loads(self.done(verb, *words, "--json"))

    def assert_clean(self, records):
        found = self.json("verify", self.store)
        self.assertEqual(([], records), (found["lost"], found["records"]))


def committed(output):
    """The last number of records that a writer said it had committed."""
    return max((int(line.split()[1]) for line in output.splitlines() if line.startswith("committed")), default=0)
