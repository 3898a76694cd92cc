#!/usr/bin/env python3
"""Several processes, each with its own part of the records and its own store; and runs that are stopped and go on.

    shards_test.py PROGRAM [unittest's arguments]
"""

import json
import signal
import subprocess
import time
import unittest

from run_case import PROGRAM, RunCase, bytes_below

SHARDS = 4


class Shards(RunCase):
    def setUp(self):
        super().setUp()
        self.write_sounds(40)

    def shard(self, index, *words):
        return self.command("run", "--out", self.folder / "night", "--resume", "--shard", f"{index}/{SHARDS}", *words)

    def run_shards(self):
        for index in range(SHARDS):
            ended = self.call(self.shard(index))
            self.assertEqual(0, ended.returncode, ended.stderr)

    def of_one_machine(self):
        self.run_graph("--set", "cache.path=single")
        return self.exported(self.folder / "single")

    def test_every_record_is_of_one_shard(self):
        items = [self.run_graph("--shard", f"{index}/{SHARDS}")["items"]["admitted"] for index in range(SHARDS)]
        self.assertEqual(40, sum(items))
        self.assertGreater(min(items), 2)

    def test_a_folder_of_stores_reads_as_one(self):
        self.run_shards()
        self.assertEqual([f"shard-{index}" for index in range(SHARDS)], sorted(p.name for p in self.store.iterdir()))
        self.assertEqual(self.of_one_machine(), self.exported())
        self.assertEqual(0, self.plan()["logmel"]["misses"])
        self.assert_computed(self.run_graph("--shard", "1/3"), decode=0, logmel=0)

    def test_merged_they_are_the_store_of_one_machine(self):
        self.run_shards()
        self.call([str(PROGRAM), "cache", "merge", str(self.store)])
        self.assertEqual([], list(self.store.glob("shard-*")))
        self.assertEqual(self.of_one_machine(), self.exported())
        self.assert_computed(self.run_graph(), decode=0, logmel=0)
        self.assertEqual({}, self.why(self.plan()["logmel"]))  # what is known of files came along

    def kill_at_work(self, process, index):
        """Once it has opened its store, long before its seconds of work are done."""
        while not (self.store / f"shard-{index}").exists():
            self.assertIsNone(process.poll())
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)

    def test_four_at_once_of_which_two_are_killed_and_go_on(self):
        self.write_sounds(40, seconds=60)
        running = [subprocess.Popen(self.shard(i, "--quiet"), cwd=self.folder, stdout=subprocess.DEVNULL)
                   for i in range(SHARDS)]
        for index in range(2):
            self.kill_at_work(running[index], index)
        self.assertEqual([-signal.SIGKILL] * 2 + [0] * 2, [process.wait(timeout=200) for process in running])
        self.run_shards()
        ended = self.call([str(PROGRAM), "cache", "verify", str(self.store), "--json"])
        self.assertEqual([], json.loads(ended.stdout)["lost"])
        self.assertEqual(self.of_one_machine(), self.exported())

    def test_a_shard_that_is_none_is_refused(self):
        for word in ("4/4", "-1/4", "1", "a/b", "0/0"):
            self.assertEqual(2, self.call(self.command("run", "--shard", word)).returncode, word)


class Environment(RunCase):
    def setUp(self):
        super().setUp()
        self.write_sounds(12)

    def shard_of(self, environment, *words):
        self.run_graph(*words, environment=environment)
        return sorted(folder.name for folder in self.store.iterdir() if folder.name.startswith("shard-"))

    def test_of_a_slurm_array(self):
        task = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "4"}
        self.assertEqual(["shard-2"], self.shard_of(task))
        self.assertIn("shard 2/4, from SLURM_ARRAY_TASK_ID", self.stderr)

    def test_of_mpirun(self):
        self.assertEqual(["shard-1"], self.shard_of({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "3"}))
        self.assertEqual(["shard-1", "shard-2"], self.shard_of({"PMI_RANK": "2", "PMI_SIZE": "3"}))

    def test_an_explicit_shard_wins(self):
        rank = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "3"}
        self.assertEqual(["shard-0"], self.shard_of(rank, "--shard", "0/2"))
        self.run_graph("--shard", "0/1", environment=rank)
        self.assertTrue((self.store / "format").exists())


class Stopped(RunCase):
    def stopped(self, stop):
        out = self.folder / "night"
        command = self.command("run", "--out", out, "--resume", "--quiet")
        run = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        while not list(self.store.glob("incoming/*")) and run.poll() is None:
            time.sleep(0.005)
        run.send_signal(stop)
        begun = time.monotonic()
        said = run.communicate(timeout=60)[0]
        self.assertLess(time.monotonic() - begun, 20)
        self.assertEqual(130, run.returncode, said)
        return command

    def test_by_ctrl_c_or_sigterm_it_commits_and_goes_on(self):
        self.write_sounds(60, seconds=20)
        for stop in (signal.SIGINT, signal.SIGTERM):
            command = self.stopped(stop)
            kept = self.call([str(PROGRAM), "cache", "verify", str(self.store), "--json"])
            self.assertGreater(json.loads(kept.stdout)["records"], 0)
        ended = self.call([*command, "--json"])
        self.assertEqual(0, ended.returncode, ended.stderr)
        self.assertGreater(json.loads(ended.stdout)["cache"]["hits"], 0)
        self.run_graph("--set", "cache.path=single")
        self.assertEqual(self.exported(self.folder / "single"), self.exported())


class Segments(RunCase):
    def test_ten_seconds_of_thirty_minutes_read_at_most_fifteen(self):
        self.sounds.mkdir()
        self.write_sounds(1, seconds=1801.234)  # its middle lies within a segment
        self.graph((self.folder / "graph.toml").read_text().replace('cache  = "fp16"', "")
                   .replace("-> decode", "-> crop -> decode") + '\n[stage.crop]\nplugin = "crop"\n')
        self.run_graph("--set", "stage.crop.length_s=2000 s")
        ran = self.run_graph()
        self.assert_computed(ran, decode=0, resample=0, logmel=1)
        self.assertGreater(ran["cache"]["bytes_read"], 10 * 2 * 16000)
        self.assertLess(ran["cache"]["bytes_read"], 15 * 2 * 16000 + 1000)


class Branches(RunCase):
    def test_one_decode_feeds_three_front_ends(self):
        self.write_sounds(5)
        text = (self.folder / "graph.toml").read_text().replace('cache          = "pcm16"', "")
        for name, rate in (("low", 8), ("high", 32)):
            text = text.replace("[flow.features]", f"""[stage.{name}]
plugin = "resample"
sample_rate_hz = "{rate} kHz"
cache = "pcm16"

[stage.{name}_mel]
plugin = "logmel"
cache = true

[flow.features]""", 1).replace("[[run]]", f'{name} = "decode -> {name} -> {name}_mel"\n\n[[run]]')
        self.graph(text)
        self.assert_computed(self.run_graph(), decode=5, logmel=5, low_mel=5, high_mel=5)
        self.assert_computed(self.run_graph("--set", "stage.low_mel.length_s=1 s"), decode=0, logmel=0, low_mel=5)


if __name__ == "__main__":
    unittest.main()
