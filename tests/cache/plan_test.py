#!/usr/bin/env python3
"""The price of a run before it: hits, misses and why, bytes, time, and a quota that will not do.

    plan_test.py PROGRAM [unittest's arguments]
"""

import contextlib
import json
import os
import pty
import subprocess
import unittest

from run_case import RunCase

COUNT = 6


class Plan(RunCase):
    def setUp(self):
        super().setUp()
        self.write_sounds(COUNT)

    def test_captions_beside_the_sounds_are_not_read_for_their_price(self):
        for i in range(COUNT):
            (self.sounds / f"sound{i:03}.txt").write_text("noise\n")
        graph = (self.folder / "graph.toml").read_text()
        self.graph(graph.replace("corpus.recordings.audio", "corpus.audio")
                   .replace("\n[[run]]", 'text = "corpus.caption -> words"\n\n[stage.words]\nplugin = "tokenise"\n\n[[run]]'))
        self.assertEqual(0, self.plan()["words"]["bytes_read"])

    def test_before_the_first_run_nothing_was_hashed_and_no_time_is_known(self):
        stages = self.plan()
        self.assertEqual({"new, not hashed": COUNT}, self.why(stages["logmel"]))
        self.assertEqual({"asked for by resample": COUNT}, self.why(stages["decode"]))
        self.assertEqual([COUNT, 0, COUNT], [stages["logmel"][name] for name in ("items", "hits", "misses")])
        self.assertEqual(sum(file.stat().st_size for file in self.sounds.iterdir()), stages["decode"]["bytes_read"])
        self.assertIsNone(self.planned["seconds"])
        self.assertFalse(self.store.exists())

    def test_files_that_were_never_hashed_are_not_read(self):
        with open(self.sounds / "vast.wav", "wb") as file:
            file.truncate(1 << 40)  # reading it would take minutes
        self.assertEqual({"new, not hashed": COUNT + 1}, self.why(self.plan()["logmel"]))

    def test_after_a_run_everything_is_there(self):
        self.run_graph()
        stages = self.plan()
        self.assertEqual([0, 0, 0], [stages[name]["misses"] for name in ("decode", "resample", "logmel")])
        self.assertEqual([], stages["logmel"]["reasons"])
        self.assertLess(self.planned["seconds"], 5)

    def test_a_run_of_one_record_spoils_no_figure(self):
        self.write_sounds(60)
        self.run_graph()
        before = self.plan() and self.planned["seconds"]
        self.run_graph("--limit", "1")
        self.plan()
        self.assertLess(self.planned["seconds"], 2 * before)

    def test_a_changed_option_is_named_with_old_and_new_value(self):
        self.run_graph()
        stages = self.plan("--set", "stage.logmel.length_s=2 s")
        self.assertEqual({"length_s: default -> 2.0": COUNT}, self.why(stages["logmel"]))
        self.assertEqual((COUNT, 0), (stages["resample"]["hits"], stages["resample"]["misses"]))
        self.assertGreater(stages["logmel"]["bytes_read"], COUNT * 2 * 16000)

    def test_a_stage_behind_the_changed_one_says_so(self):
        self.run_graph()
        stages = self.plan("--set", "stage.resample.sample_rate_hz=32 kHz")
        self.assertEqual({"behind resample.sample_rate_hz: 16000 -> 32000": COUNT}, self.why(stages["logmel"]))
        self.assertEqual({"sample_rate_hz: 16000 -> 32000": COUNT}, self.why(stages["resample"]))

    def test_a_changed_file_is_told_from_a_new_one(self):
        self.run_graph()
        os.utime(self.sounds / "sound001.wav", (1, 1))
        (self.sounds / "later.wav").write_bytes((self.sounds / "sound000.wav").read_bytes())
        self.assertEqual({"touched or changed, not hashed anew": 1, "new, not hashed": 1},
                         self.why(self.plan()["logmel"]))

    def test_what_would_be_written_is_what_is_written(self):
        self.run_graph()
        again = ("--set", "stage.logmel.length_s=2 s")
        promised = self.plan(*again)["logmel"]["bytes_written"]
        written = self.run_graph(*again)["cache"]["bytes_written"]
        self.assertAlmostEqual(1, promised / written, delta=0.1)

    def test_a_stage_is_priced_by_the_rate_of_its_sound_and_by_the_size_of_what_it_makes(self):
        self.run_graph()
        [machine] = json.loads((self.store / "speeds.json").read_text()).values()
        measured_s = COUNT * machine["stages"]["logmel logmel"]["run_s"]
        changes = {"stage.logmel.length_s=4 s": 4, "stage.resample.sample_rate_hz=32 kHz": 2, "stage.logmel.cache=true": 1}
        for change, growth in changes.items():
            planned_s = self.plan("--set", change)["logmel"]["seconds"]
            self.assertAlmostEqual(growth, planned_s / measured_s, delta=0.1 * growth, msg=change)

    def test_the_plan_of_a_run_is_what_the_run_does(self):
        self.run_graph("--limit", "4")
        misses = {name: stage["misses"] for name, stage in self.plan().items() if name != "corpus"}
        self.assert_computed(self.run_graph(), **misses)


class Progress(RunCase):
    def test_a_live_line_says_items_rate_bytes_hits_and_what_is_left(self):
        self.write_sounds(40, seconds=120)
        screen, terminal = pty.openpty()
        command = self.command("run", "--out", self.out(), "--threads", "1")
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=terminal) as run:
            os.close(terminal)
            said = b""
            with contextlib.suppress(OSError):  # the terminal is gone
                while more := os.read(screen, 4096):
                    said += more
        os.close(screen)
        self.assertEqual(0, run.returncode)
        self.assertRegex(said.decode(), r"\d+/40 items  [\d.]+ items/s  [\d.]+ MB/s  hits \d+ %  .* left")


class Quota(RunCase):
    def setUp(self):
        super().setUp()
        self.write_sounds(COUNT)

    def test_that_will_not_do_is_refused_by_plan_and_run_before_anything_is_kept(self):
        tight = ("--set", "cache.quota=100 kB")
        self.plan(*tight, code=1)
        self.assertIn("cache.quota", self.planned["refused"])
        self.assertIn("cache.quota", self.stderr)
        self.run_graph(*tight, code=1)
        self.assertIn("cache.quota", self.stderr)
        self.assertFalse(self.store.exists())

    def test_that_will_do_is_not(self):
        wide = ("--set", "cache.quota=3 MB")
        self.plan(*wide)
        self.run_graph(*wide)
        self.run_graph(*wide)

    def test_counts_what_is_there_already(self):
        self.run_graph()
        taken = sum(file.stat().st_size for file in self.store.rglob("*") if file.is_file())
        more = ("--set", f"cache.quota={taken + 1000} B", "--set", "stage.logmel.length_s=2 s")
        self.plan(*more, code=1)
        self.run_graph(*more, code=1)


if __name__ == "__main__":
    unittest.main()
