#!/usr/bin/env python3
"""Ways in which writing ends early: no room, a limit, no permission, another writer, a newer format, lost files. Each is
a sentence that says what to do, and what was committed is intact.

    store_ends_test.py PROGRAM STORE_WRITER [unittest's arguments]
"""

import os
import resource
import subprocess
import unittest
from pathlib import Path

from store_case import StoreCase, committed


class NoRoom(StoreCase):
    def test_a_full_disk_keeps_what_was_committed_and_says_to_make_room(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk],
                                               capture_output=True).returncode != 0:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", disk])
        self.store = disk / "store"
        other = disk / "other"
        other.write_bytes(bytes(1 << 18))
        ended = self.write(4000, batch=50, size=10000)
        self.assertEqual(1, ended.returncode)
        self.assertIn("the disk is full", ended.stderr)
        self.assertIn("free some space", ended.stderr)
        self.assertGreater(committed(ended.stdout), 0)
        self.assert_clean(committed(ended.stdout))
        other.unlink()
        self.done("evict", self.store, "--to-size", "1 MB", "--yes")
        self.written(100, size=10000)

    def test_a_limit_of_file_size_keeps_what_was_committed(self):
        self.written(20, size=10000)
        ended = subprocess.run(self.writing(1000, batch=500, size=10000), capture_output=True, text=True,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        self.assertEqual(1, ended.returncode)
        self.assertIn("File too large", ended.stderr)
        self.assert_clean(20)
        self.written(100, size=10000)
        self.assert_clean(100)


class Others(StoreCase):
    def test_a_second_writer_is_told_which_process_writes_and_readers_are_welcome(self):
        self.written(20, size=5000)
        first = subprocess.Popen(self.writing(100000, batch=5, size=5000), stdout=subprocess.PIPE, text=True)
        self.addCleanup(first.wait)
        self.addCleanup(first.kill)
        first.stdout.readline()
        second = self.write(20, size=5000)
        self.assertEqual(1, second.returncode)
        self.assertIn(f"is being written by process {first.pid} (store_writer)", second.stderr)
        self.assertGreaterEqual(self.json("verify", self.store)["records"], 20)
        first.stdout.close()

    def test_a_store_of_a_newer_format_is_refused_by_its_number(self):
        self.written(5)
        format_file = self.store / "format"
        format_file.write_text(format_file.read_text().replace("format 2", "format 7"))
        for text in (self.write(5).stderr, self.refused("ls", self.store)):
            self.assertIn("has format 7", text)

    def test_a_store_without_permission_to_write_is_read_and_not_written(self):
        self.written(20)
        changed = [self.store, *self.store.rglob("*")]
        for path in changed:
            path.chmod(path.stat().st_mode & ~0o222)
        self.addCleanup(lambda: [path.chmod(path.stat().st_mode | 0o200) for path in changed])
        self.assert_clean(20)
        if os.geteuid() == 0:
            self.skipTest("permissions do not stop root")
        self.assertIn("Permission denied", self.write(30).stderr)


class Lost(StoreCase):
    def tables(self):
        return sorted((self.store / "db").glob("*.sst"), key=lambda file: file.stat().st_size)

    def assert_named_and_mended(self, records):
        """The damage has a sentence and exit status 1 everywhere; evicting it leaves the rest clean."""
        self.assertIn("is damaged", self.cache("ls", self.store).stderr + self.refused("verify", self.store))
        self.assertEqual(1, self.write(records, size=4000).returncode)
        self.done("evict", self.store, "--damaged", "--yes")
        self.assertEqual([], self.json("verify", self.store)["lost"])
        self.written(records, size=4000)
        self.assert_clean(records)

    def test_a_missing_table(self):
        self.written(60, size=4000)
        self.tables()[-1].unlink()
        self.assert_named_and_mended(60)

    def test_a_truncated_table(self):
        self.written(60, size=4000)
        os.truncate(self.tables()[-1], 10000)
        self.assert_named_and_mended(60)

    def test_a_flipped_bit_in_a_value(self):
        self.written(60, size=4000)
        flip(self.tables()[-1], 20000)
        self.assertRegex(self.refused("verify", self.store), r"record \w+ \('logmel' of 'item\d+.wav'\)")
        self.assert_named_and_mended(60)

    def test_a_lost_tail_of_the_manifest(self):
        self.written(60, size=4000)
        manifest = max((self.store / "db").glob("MANIFEST-*"))
        os.truncate(manifest, manifest.stat().st_size - 100)
        text = self.refused("ls", self.store)
        self.assertIn("is damaged", text)
        self.assertRegex(text, r"lost its tail: \d+ commits were made, \d+ are there|Corruption")
        tables = self.tables()
        self.assertEqual(1, self.write(60, size=4000).returncode)
        self.assertEqual(tables, self.tables())  # the refused writer has removed nothing

    def test_a_missing_index_table(self):
        self.written(60, size=4000)
        self.tables()[0].unlink()
        self.assertIn("is damaged", self.refused("ls", self.store))


def flip(file: Path, byte, bit=0):
    with open(file, "r+b") as opened:
        opened.seek(byte)
        old = opened.read(1)[0]
        opened.seek(byte)
        opened.write(bytes([old ^ 1 << bit]))


if __name__ == "__main__":
    unittest.main()
