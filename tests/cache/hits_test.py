#!/usr/bin/env python3
"""What leaves every hit a hit, and what misses exactly what it must.

    hits_test.py PROGRAM [unittest's arguments]
"""

import os
import shutil
import unittest

from run_case import GRAPH, PROGRAM, RunCase, sound

COUNT = 6


class Kept(RunCase):
    def setUp(self):
        super().setUp()
        self.write_sounds(COUNT)
        self.first = self.run_graph()
        self.assert_computed(self.first, decode=COUNT, resample=COUNT, logmel=COUNT)

    def assert_all_hits(self, *words):
        self.assert_computed(self.run_graph(*words), decode=0, resample=0, logmel=0)


class HitsStay(Kept):
    def test_the_same_run_again(self):
        self.assert_all_hits()

    def test_comments_order_and_formatting(self):
        head, *stages = GRAPH.strip().split("\n\n")
        self.graph("# a word about it\n" + "\n\n".join([head, *reversed(stages)]).replace(" = ", "="))
        self.assert_all_hits()

    def test_renaming_a_stage(self):
        self.graph(GRAPH.replace("stage.resample", "stage.rate").replace("-> resample", "-> rate")
                   .replace("stage.logmel", "stage.spectra").replace("-> logmel", "-> spectra"))
        self.assert_computed(self.run_graph(), decode=0, rate=0, spectra=0)

    def test_an_option_set_to_its_default(self):
        self.assert_all_hits("--set", "stage.logmel.length_s=auto")

    def test_other_numbers_of_threads(self):
        self.assert_all_hits("--threads", "1", "--compute-threads", "3")

    def test_moving_the_folder(self):
        self.sounds.rename(self.folder / "elsewhere")
        self.assert_all_hits("--set", "stage.corpus.path=elsewhere")

    def test_touching_files(self):
        for file in self.sounds.iterdir():
            os.utime(file, (1, 1))
        self.assert_all_hits()

    def test_a_caption(self):
        (self.sounds / "sound000.txt").write_text("a dog barks\n")
        self.assert_all_hits()

    def test_rebuilding_the_plugin(self):
        library = bytearray((PROGRAM.parents[1] / "lib/earshot/plugins/logmel.so").read_bytes())
        library[library.index(b"\x14\0\0\0\x03\0\0\0GNU\0") + 12] ^= 0xFF  # its build id
        (self.folder / "rebuilt").mkdir()
        (self.folder / "rebuilt" / "logmel.so").write_bytes(library)
        rebuilt = {"EARSHOT_PLUGIN_PATH": str(self.folder / "rebuilt")}
        self.assertIn("rebuilt/logmel.so", self.call([str(PROGRAM), "plugins"], rebuilt).stdout)
        self.assert_computed(self.run_graph(environment=rebuilt), decode=0, resample=0, logmel=0)

    def test_another_file_beside_them(self):
        (self.sounds / "more.wav").write_bytes(sound(1, 99))
        self.assert_computed(self.run_graph(), decode=1, resample=1, logmel=1)


class Misses(Kept):
    def test_one_byte_of_one_file(self):
        file = self.sounds / "sound003.wav"
        changed = bytearray(file.read_bytes())
        changed[1000] ^= 1
        file.write_bytes(changed)
        self.assert_computed(self.run_graph(), decode=1, resample=1, logmel=1)

    def test_an_option_of_the_last_stage(self):
        self.assert_computed(self.run_graph("--set", "stage.logmel.length_s=2 s"), decode=0, resample=0, logmel=COUNT)

    def test_an_option_in_the_middle_and_back(self):
        other = ("--set", "stage.resample.sample_rate_hz=32 kHz")
        self.assert_computed(self.run_graph(*other), decode=COUNT, resample=COUNT, logmel=COUNT)
        self.assert_all_hits()
        self.assert_all_hits(*other)

    def test_the_form_in_which_a_value_is_kept(self):
        self.assert_computed(self.run_graph("--set", "stage.logmel.cache=true"), decode=0, resample=0, logmel=COUNT)

    def test_equal_files_are_computed_once(self):
        for name in ("twin1.wav", "twin2.wav"):
            (self.sounds / name).write_bytes(sound(1, 50))
        self.assert_computed(self.run_graph(), decode=1, logmel=1)


ENCODED = GRAPH.replace("-> logmel", "-> logmel -> audio") + """
[stage.audio]
plugin   = "cnn"
channels = 4
dim      = 32
cache    = true
"""


@unittest.skipUnless(list(PROGRAM.parents[1].glob("lib/earshot/plugins/cnn.so")), "earshot was built without LibTorch")
class NotNeeded(RunCase):
    ELSEWHERE = ("--set", "stage.audio.device=cuda:99")  # a stage made there ends the run: no machine has it

    def test_another_device_changes_no_hit_and_a_stage_that_no_item_needs_is_not_even_made(self):
        self.graph(ENCODED)
        self.write_sounds(COUNT)
        self.assert_computed(self.run_graph(), audio=COUNT)
        self.assert_computed(self.run_graph(*self.ELSEWHERE), decode=0, logmel=0, audio=0)
        self.write_sounds(COUNT + 1)
        self.run_graph(*self.ELSEWHERE, code=1)
        self.assertIn("asks for device 'cuda:99'", self.stderr)


class Contents(Kept):
    def change_behind_its_back(self):
        """Another byte, with size, time and inode as they were."""
        file = self.sounds / "sound002.wav"
        before = file.stat()
        with open(file, "r+b") as opened:
            opened.seek(2000)
            byte = opened.read(1)[0]
            opened.seek(2000)
            opened.write(bytes([byte ^ 1]))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def test_only_verify_content_sees_what_size_and_time_do_not_show(self):
        self.change_behind_its_back()
        self.assert_all_hits()
        self.assert_computed(self.run_graph("--verify-content"), decode=1, resample=1, logmel=1)
        self.assert_all_hits()

    def test_sums_travel_with_the_data(self):
        self.call([str(PROGRAM), "cache", "hash", str(self.sounds)])
        shutil.copytree(self.sounds, self.folder / "copy")  # keeps times
        there = ("--set", "stage.corpus.path=copy", "--set", "cache.path=fresh")
        self.assertEqual({"never computed": COUNT}, self.why(self.plan(*there)["logmel"]))
        (self.folder / "copy" / ".earshot-sums").unlink()
        self.assertEqual({"new, not hashed": COUNT}, self.why(self.plan(*there)["logmel"]))


if __name__ == "__main__":
    unittest.main()
