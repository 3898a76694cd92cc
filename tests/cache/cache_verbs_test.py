#!/usr/bin/env python3
"""The verbs of `earshot cache`: what they say and what they do.

    cache_verbs_test.py PROGRAM STORE_WRITER [unittest's arguments]
"""

import os
import unittest

from store_case import StoreCase


class Look(StoreCase):
    def test_ls_lists_stages_how_they_were_made_records_and_bytes(self):
        self.written(20)
        self.written(5, stage="decode")
        lines = self.done("ls", self.store).splitlines()
        self.assertRegex(lines[0], r"^stage +records +bytes +written +last used +made with$")
        self.assertRegex(lines[1], r"^decode +5 +\S+ KiB .* plugin decode 1, hop 10 ms$")
        self.assertRegex(lines[2], r"^logmel +20 +\S+ KiB ")

    def test_ls_counts_each_way_of_making_by_itself(self):
        self.written(20, hop=10)
        self.written(5, hop=20)
        stages = self.json("ls", self.store)["stages"]
        self.assertEqual([("10 ms", 20), ("20 ms", 5)], [(s["parts"]["hop"], s["records"]) for s in stages])

    def test_explain_says_which_part_of_the_key_changed_from_what_to_what(self):
        self.written(3, hop=10)
        self.written(3, hop=20)
        text = self.done("explain", self.store, "item1.wav")
        self.assertRegex(text, r"changed +hop +10 ms -> 20 ms")
        records = self.json("explain", self.store, "item1.wav")["records"]
        self.assertEqual(2, len(records))
        self.assertEqual([{"part": "hop", "before": "10 ms", "after": "20 ms"}], records[1]["changed"])
        self.assertEqual(records[0]["key"], records[1]["before"])

    def test_explain_of_an_item_that_is_not_there_fails_and_names_it(self):
        self.written(3)
        self.assertIn("item9.wav", self.refused("explain", self.store, "item9.wav"))

    def test_a_folder_without_a_store_fails_and_is_named(self):
        self.assertIn(str(self.store), self.refused("ls", self.store))

    def test_an_unknown_verb_is_refused_with_the_nearest(self):
        self.assertIn('did you mean "cache verify"?', self.refused("verfiy", self.store, code=2))


class Evict(StoreCase):
    def test_without_yes_nothing_goes(self):
        self.written(20)
        self.assertIn("20 records", self.done("evict", self.store, "--stage", "logmel"))
        self.assert_clean(20)

    def test_by_stage_the_other_stages_stay(self):
        self.written(20)
        self.written(5, stage="decode")
        self.done("evict", self.store, "--stage", "logmel", "--yes")
        self.assertEqual(["decode"], [s["stage"] for s in self.json("ls", self.store)["stages"]])
        self.assert_clean(5)

    def test_to_a_size_the_store_takes_no_more_than_that(self):
        self.written(50, size=4000)
        before = self.disk()
        self.done("evict", self.store, "--to-size", "100 kB", "--yes")
        self.assertLessEqual(self.json("verify", self.store)["bytes"], 100_000)
        self.assertLess(self.disk(), before - 80_000)
        self.written(50, size=4000)
        self.assert_clean(50)

    def test_by_age_records_that_were_used_today_stay(self):
        self.written(5)
        self.assertIn("0 records", self.done("evict", self.store, "--unused-days", "1"))
        self.assertIn("5 records", self.done("evict", self.store, "--unused-days", "0"))

    def test_without_a_condition_it_is_refused(self):
        self.written(5)
        self.assertIn("--to-size", self.refused("evict", self.store, "--yes", code=2))

    def test_of_a_folder_of_shards_each_is_thinned_out(self):
        self.written(10, stage="a", shard="shard-0")
        self.written(10, stage="b", shard="shard-1")
        self.done("evict", self.store, "--stage", "b", "--yes")
        self.assert_clean(10)
        self.assertFalse((self.store / "format").exists())

    def disk(self):
        return sum(file.stat().st_size for file in self.store.rglob("*.sst"))


class Merge(StoreCase):
    def test_shards_become_one_store(self):
        self.written(30, stage="a", shard="shard-0")
        self.written(30, stage="b", shard="shard-1")
        self.assertEqual(60, self.json("merge", self.store)["records"])
        self.assertEqual([], list(self.store.glob("shard-*")))
        self.assert_clean(60)

    def test_tables_are_moved_not_copied(self):
        self.written(30, size=5000, shard="shard-0")
        inodes = {file.stat().st_ino for file in self.store.rglob("*.sst") if file.stat().st_size > 20000}
        self.done("merge", self.store)
        self.assertLessEqual(inodes, {os.stat(file).st_ino for file in (self.store / "db").glob("*.sst")})

    def test_what_is_met_twice_is_said_and_kept_once(self):
        self.written(30)
        other = self.folder / "other"
        self.written(40, store=other)
        self.assertRegex(self.done("merge", self.store, other), r"^10 records, .* moved; 30 were met twice, 0 of them differing$")
        self.assert_clean(40)

    def test_of_two_values_the_stores_own_stays_and_the_other_is_named(self):
        self.written(5, size=1000)
        other = self.folder / "other"
        self.written(5, size=2000, store=other)
        ended = self.cache("merge", self.store, other)
        self.assertIn("item3.wav", ended.stderr)
        self.assertIn("5 of them differing", ended.stdout)
        self.written(5, size=1000)

    def test_into_itself_it_is_refused(self):
        self.written(5)
        self.assertIn("itself", self.refused("merge", self.store, self.store, code=2))


class Hash(StoreCase):
    def test_the_sums_of_a_folder_lie_beside_its_files(self):
        (self.folder / "data").mkdir()
        (self.folder / "data" / "a.wav").write_bytes(b"sound")
        self.assertEqual({"files": 1, "bytes": 5}, self.json("hash", self.folder / "data"))
        self.assertTrue((self.folder / "data" / ".earshot-sums").exists())


if __name__ == "__main__":
    unittest.main()
