#!/usr/bin/env python3
"""The program `earshot`: exit codes, what goes to stdout and what to stderr, and what each command says.

    cli_test.py PROGRAM [unittest's arguments]
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOOK = HERE / "look.toml"
PROGRAM = Path(sys.argv.pop(1)).resolve()
COMMANDS = ("run", "check", "plan", "draw", "peek", "plugins", "describe", "embed", "search", "new-plugin", "doctor")


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def earshot(self, *words):
        words = [str(PROGRAM), *map(str, words)]
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=120)

    def done(self, *words):
        """stdout of a command that succeeds."""
        ended = self.earshot(*words)
        self.assertEqual(0, ended.returncode, ended.stderr)
        return ended.stdout

    def refused(self, *words):
        """stderr of a command line or a graph that is wrong."""
        ended = self.earshot(*words)
        self.assertEqual(2, ended.returncode, ended.stdout + ended.stderr)
        self.assertEqual("", ended.stdout)
        return ended.stderr

    def graph(self, text):
        file = self.folder / "graph.toml"
        file.write_text(text)
        return file


class CommandLine(Case):
    def test_help_lists_every_command(self):
        text = self.done("--help")
        for command in COMMANDS:
            self.assertIn(f"  {command} ", text)

    def test_every_command_has_help_of_its_own(self):
        for command in COMMANDS:
            text = self.done(command, "--help")
            self.assertTrue(text.startswith(f"usage: earshot {command}"), text)
            self.assertIn("--help", text)

    def test_a_group_of_commands_has_help_of_its_own(self):
        text = self.done("cache", "--help")
        self.assertIn("cache evict", text)
        self.assertNotIn("new-plugin", text)
        self.assertEqual(text, self.refused("cache"))

    def test_version_is_one_line(self):
        self.assertRegex(self.done("--version"), r"^earshot \d+\.\d+\.\d+\n$")

    def test_nothing_is_wrong_and_lists_the_commands(self):
        self.assertIn("new-plugin", self.refused())

    def test_an_unknown_command_is_refused_with_the_nearest(self):
        self.assertIn('no command is called "chek"; did you mean "check"?', self.refused("chek", LOOK))

    def test_an_unknown_option_is_refused_with_the_nearest(self):
        self.assertIn('did you mean "--format"?', self.refused("draw", LOOK, "--fromat", "dot"))

    def test_missing_and_superfluous_words_are_refused(self):
        self.assertIn("check wants GRAPH...", self.refused("check"))
        self.assertIn('"again"', self.refused("plugins", "again"))

    def test_numbers_out_of_range_are_refused(self):
        self.assertIn("--threads is 9999", self.refused("run", LOOK, "--threads", "9999"))
        self.assertIn("--items is 0", self.refused("peek", LOOK, "--items", "0"))


class Check(Case):
    def test_a_good_graph_is_ok(self):
        self.assertIn("look.toml: ok", self.done("check", LOOK))

    def test_all_errors_of_all_files_are_counted_at_once(self):
        bad = self.graph(LOOK.read_text().replace('"decode"', '"decoed"').replace("format = 1", "format = 7"))
        errors = self.refused("check", bad, bad)
        self.assertIn('did you mean "decode"?', errors)
        self.assertRegex(errors, r"\d errors in 1 file\n$")

    def test_json_is_one_document(self):
        bad = self.graph(LOOK.read_text().replace('"decode"', '"decoed"'))
        ended = self.earshot("check", bad, "--json")
        self.assertEqual(2, ended.returncode)
        document = json.loads(ended.stdout)
        self.assertFalse(document["ok"])
        self.assertTrue(any("decoed" in each["message"] for each in document["diagnostics"]))

    def test_a_wrong_override_names_its_word_of_the_command_line(self):
        self.assertIn("argument 4", self.refused("check", LOOK, "--set", "stage.decode.plugin=nothing"))

    def test_a_graph_that_is_not_there_is_refused(self):
        self.assertIn("nowhere.toml", self.refused("check", "nowhere.toml"))

    @unittest.skipIf("asan" in str(PROGRAM), "sanitizers take their time")
    def test_takes_less_than_50_ms(self):
        took = []
        for _ in range(5):
            begun = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.done("check", LOOK)
            ended = resource.getrusage(resource.RUSAGE_CHILDREN)
            took.append(ended.ru_utime - begun.ru_utime + ended.ru_stime - begun.ru_stime)
        self.assertLess(min(took), 0.05)  # processor time: other programs do not count


class Look(Case):
    def test_draw_shows_every_stage_as_text_and_as_dot(self):
        for form, begins in (("text", ""), ("dot", "digraph")):
            picture = self.done("draw", LOOK, "--format", form)
            self.assertTrue(picture.startswith(begins))
            for stage in ("corpus", "decode", "resample", "logmel", "tokenise"):
                self.assertIn(stage, picture)

    def test_plan_counts_the_records_of_every_view(self):
        plan = json.loads(self.done("plan", LOOK, "--json"))
        items = {stage["name"]: stage["misses"] for stage in plan["stages"]}
        self.assertEqual(6, items["logmel"])
        self.assertIn("1. look (test): once", self.done("plan", LOOK))

    def test_peek_shows_shape_and_figures(self):
        rows = json.loads(self.done("peek", LOOK, "--at", "logmel", "--items", "2", "--json"))
        self.assertEqual(2, len(rows))
        self.assertEqual("mel", rows[0]["kind"])
        self.assertEqual(0, rows[0]["nan"])
        self.assertLess(rows[0]["min"], rows[0]["max"])

    def test_peek_saves_what_other_programs_open(self):
        self.done("peek", LOOK, "--items", "1", "--save", "seen")
        saved = {file.suffix for file in (self.folder / "seen").iterdir()}
        self.assertEqual({".npy", ".wav", ".png", ".txt"}, saved)

    def test_peek_refuses_a_stage_that_is_not_there(self):
        self.assertIn("logmle", self.refused("peek", LOOK, "--at", "logmle"))

    def test_plugins_are_listed_with_their_kind(self):
        listed = json.loads(self.done("plugins", "--json"))
        self.assertIn("decode", [plugin["name"] for plugin in listed["plugins"]])
        self.assertIn("decode", self.done("plugins"))

    def test_describe_has_a_stanza_to_paste(self):
        self.assertIn('plugin = "resample"', self.done("describe", "resample"))
        self.assertEqual("resample", json.loads(self.done("describe", "resample", "--json"))["name"])
        self.assertIn('did you mean "decode"?', self.refused("describe", "decoed"))

    def test_describe_states_what_precision_a_store_costs(self):
        text = self.done("describe", "resample")
        for form, loss in {"fp16": "2^-11 of a value", "pcm16": "2^-16", "flac": "as pcm16"}.items():
            self.assertRegex(text, rf'cache = "{form}" .*{re.escape(loss)}')
        self.assertNotIn("pcm16", self.done("describe", "logmel"))

    def test_new_plugin_writes_a_folder_once(self):
        self.done("new-plugin", "louder")
        source = (self.folder / "louder/louder.cpp").read_text()
        self.assertLessEqual(source.count("\n"), 40)
        self.refused("new-plugin", "louder")
        self.refused("new-plugin", "Not a name")

    def test_doctor_tries_the_folder_that_it_is_given(self):
        text = self.done("doctor", self.folder)
        for expected in ("cores", "oneTBB", "locks", "memory maps"):
            self.assertIn(expected, text)
        self.assertEqual([], list(self.folder.iterdir()))
        self.assertEqual(1, self.earshot("doctor", "/nowhere").returncode)

    def test_doctor_says_where_weights_are_looked_for_and_which_are_there(self):
        (self.folder / "passt-s-f128-p16-s16-ap.468.safetensors").write_bytes(b"")
        with unittest.mock.patch.dict(os.environ, {"EARSHOT_WEIGHTS": str(self.folder)}):
            findings = json.loads(self.done("doctor", "--json"))["weights"]
        found = {one["what"]: one["outcome"] for one in reversed(findings)}
        self.assertEqual(str(self.folder), found["folder"])
        self.assertEqual(str(self.folder / "passt-s-f128-p16-s16-ap.468.safetensors"), found["passt-s-s16"])
        self.assertIn("beats-ssl", found["not here"])


class Run(Case):
    def test_the_last_line_is_the_sum_of_the_items(self):
        ended = self.earshot("run", LOOK, "--out", "out")
        self.assertEqual(0, ended.returncode, ended.stderr)
        self.assertEqual("items: 12 admitted = 12 done + 0 skipped + 0 quarantined", ended.stdout.splitlines()[-1])
        self.assertNotIn("\033", ended.stdout + ended.stderr)
        self.assertTrue((self.folder / "out/graph.toml").exists())

    def test_limit_counts_records_of_each_view(self):
        ended = self.done("run", LOOK, "--out", "out", "--limit", "2", "--quiet")
        self.assertIn("items: 4 admitted = 4 done", ended)

    def test_a_run_that_is_done_says_so(self):
        self.done("run", LOOK, "--out", "out")
        self.assertIn("done already", self.done("run", LOOK, "--out", "out", "--resume"))

    def test_a_folder_with_another_run_is_refused(self):
        self.done("run", LOOK, "--out", "out")
        self.assertIn("--resume", self.refused("run", LOOK, "--out", "out"))

    def test_the_folder_of_a_run_has_its_title_where_none_is_given(self):
        self.done("run", LOOK)
        self.assertTrue(list((self.folder / "runs").glob("look-*/graph.toml")))

    def test_the_graph_that_a_run_leaves_can_be_run_again(self):
        self.done("run", LOOK, "--out", "out", "--set", "stage.corpus.test=3")
        self.done("check", "out/graph.toml")
        self.assertIn("items: 6 admitted", self.done("run", "out/graph.toml", "--out", "again"))

    def test_json_is_one_document(self):
        document = json.loads(self.done("run", LOOK, "--out", "out", "--json"))
        self.assertEqual("done", document["end"])
        self.assertEqual({"admitted": 12, "done": 12, "skipped": 0, "quarantined": 0, "failed": 0}, document["items"])

    def test_a_graph_without_entries_is_refused(self):
        graph = self.graph(LOOK.read_text().replace('[[run]]\nflow = "look"\n', ""))
        self.assertIn("nothing to run", self.refused("run", graph))

    def test_interrupted_it_ends_with_130_and_the_sum(self):
        command = [str(PROGRAM), "run", str(LOOK), "--out", "out", "--set", "stage.corpus.test=20000"]
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
            with self.subTest(stop):
                run = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                self.addCleanup(run.wait)
                while not (self.folder / "out/graph.toml").exists():
                    time.sleep(0.02)
                time.sleep(0.3)
                run.send_signal(stop)
                out, _ = run.communicate(timeout=60)
                self.assertEqual(130, run.returncode)
                self.assertRegex(out.splitlines()[-1], r"^items: \d+ admitted = \d+ done")
                command = command if "--resume" in command else [*command, "--resume"]


class Search(Case):
    def test_a_folder_that_is_no_run_is_refused(self):
        self.assertIn("no run folder", self.refused("search", self.folder, "an owl"))

    def test_a_run_without_the_flow_of_a_question_is_refused(self):
        self.done("run", LOOK, "--out", "out", "--limit", "1")
        self.assertIn("queries", self.refused("search", "out", "an owl"))

    def test_a_run_with_turns_is_searched_with_the_weights_of_its_first(self):
        if not any(plugin["name"] == "infonce" for plugin in json.loads(self.done("plugins", "--json"))["plugins"]):
            self.skipTest("this build is without LibTorch, so nothing in it trains")
        tiny = HERE.parent / "support/tiny_training.toml"
        base = os.path.relpath(tiny, self.folder)
        turns = self.graph(f'format = 1\ntitle = "turns"\nextends = "{base}"\n[repeat.over]\nseed = [1, 2]\n')
        self.done("run", turns, "--out", "out", "--set", "run.0.epochs=1")
        self.assertEqual(3, len(self.done("search", "out", "a bell rings", "-k", "3").splitlines()))

    def test_a_library_that_is_not_there_is_refused(self):
        self.done("run", LOOK, "--out", "out", "--limit", "1")
        self.assertIn("is no folder", self.refused("search", "out", "an owl", "--in", "nowhere"))


if __name__ == "__main__":
    os.environ.pop("EARSHOT_PLUGIN_PATH", None)
    unittest.main()
