#!/usr/bin/env python3
"""The house keeps its rules, and each rule sees what breaks it."""

import subprocess
import unittest
from pathlib import Path

import rules

ROOT = Path(__file__).resolve().parents[2]


def tracked_files():
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {}
    for name in filter(None, names.split("\0")):
        try:
            files[name] = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            pass  # a binary, or deleted and not committed yet
    return files


@unittest.skipUnless((ROOT / ".git").exists(), "not a git checkout: which files are the project's is unknown")
class TheHouse(unittest.TestCase):
    def test_keeps_every_rule(self):
        files = tracked_files()
        self.assertIn("CMakeLists.txt", files)
        for rule in rules.RULES:
            with self.subTest(rule.__name__):
                self.assertEqual([], list(rule(files)))


class IncludeRules(unittest.TestCase):
    def breaches(self, path, *includes):
        text = "".join(f"#include {include}\n" for include in includes)
        return list(rules.include_breaches({path: text}))

    def test_what_the_design_allows_is_allowed(self):
        self.assertEqual([], self.breaches("stages/contract/random.cpp", '"earshot/contract/random.h"', "<cmath>"))
        self.assertEqual([], self.breaches("stages/nn/adam.cpp", "<earshot/contract/result.h>", "<torch/torch.h>"))
        self.assertEqual([], self.breaches("plugins/cnn/cnn.cpp", "<earshot/nn/block.h>", "<ATen/ATen.h>"))
        self.assertEqual([], self.breaches("pipeline/run/flow.cpp", '"earshot/pipeline/run/flow.h"', "<tbb/tbb.h>"))
        self.assertEqual([], self.breaches("tools/earshot/main.cpp", "<earshot/pipeline/run/flow.h>"))
        self.assertEqual([], self.breaches("tests/faults/nan_test.cpp", "<earshot/nn/block.h>"))

    def test_pipeline_must_not_include_stages_or_plugins(self):
        self.assertEqual(1, len(self.breaches("pipeline/run/flow.cpp", "<earshot/audio/waveform.h>")))
        self.assertEqual(1, len(self.breaches("pipeline/run/flow.cpp", '"plugins/gain/gain.h"')))
        self.assertEqual(1, len(self.breaches("pipeline/run/flow.cpp", '"../../plugins/gain/gain.h"')))

    def test_plugins_must_not_include_pipeline_or_one_another(self):
        self.assertEqual(1, len(self.breaches("plugins/gain/gain.cpp", "<earshot/pipeline/run/flow.h>")))
        self.assertEqual(1, len(self.breaches("plugins/gain/gain.cpp", '"../../pipeline/run/queue.h"')))
        files = {"plugins/gain/gain.cpp": '#include "../noise/noise.h"\n', "plugins/noise/noise.h": ""}
        self.assertEqual(1, len(list(rules.plugin_neighbour_breaches(files))))

    def test_what_a_program_writes_is_not_what_it_includes(self):
        text = 'auto stage = R"text(\n#include <earshot/audio/waveform.h>\n)text";\n'
        self.assertEqual([], list(rules.include_breaches({"pipeline/plugins/new.cpp": text})))

    def test_stage_parts_see_the_contract_and_themselves_only(self):
        self.assertEqual(1, len(self.breaches("stages/audio/fft.cpp", '"earshot/text/tokens.h"')))
        self.assertEqual(1, len(self.breaches("stages/contract/random.cpp", '"earshot/audio/waveform.h"')))
        self.assertEqual(1, len(self.breaches("stages/text/include/earshot/text/a.h", "<earshot/pipeline/run/flow.h>")))

    def test_the_headers_of_the_contract_need_the_standard_library_only(self):
        header = "stages/contract/include/earshot/contract/random.h"
        self.assertEqual(1, len(self.breaches(header, "<boost/dll.hpp>")))
        self.assertEqual([], self.breaches(header, "<type_traits>"))

    def test_libtorch_stays_out_of_everything_else(self):
        for path in ("pipeline/run/flow.cpp", "tools/earshot/main.cpp", "stages/audio/fft.cpp"):
            self.assertEqual(1, len(self.breaches(path, "<torch/torch.h>")), path)


class OtherRules(unittest.TestCase):
    def test_a_long_file_is_seen(self):
        self.assertEqual([], list(rules.length_breaches({"stages/a.cpp": "\n" * 450})))
        self.assertEqual(1, len(list(rules.length_breaches({"stages/a.cpp": "\n" * 451}))))

    def test_a_missing_or_long_folder_readme_is_seen(self):
        self.assertEqual(1, len(list(rules.readme_breaches({"stages/a.cpp": ""}))))
        self.assertEqual(1, len(list(rules.readme_breaches({"stages/README.md": "\n" * 31}))))
        self.assertEqual([], list(rules.readme_breaches({"stages/README.md": "\n" * 30})))

    def test_a_folder_that_only_its_readme_knows_is_seen(self):
        files = {"stages/README.md": "| `audio/` | sound |\n"}
        self.assertEqual(1, len(list(rules.readme_breaches(files))))
        self.assertEqual([], list(rules.readme_breaches({**files, "stages/audio/fft.cpp": ""})))

    def test_a_plugin_without_readme_test_or_stanza_is_seen(self):
        whole = {
            "plugins/gain/gain.cpp": "",
            "plugins/gain/gain_test.cpp": "",
            "plugins/gain/CMakeLists.txt": "",
            "plugins/gain/README.md": '```toml\n[stage.gain]\nplugin = "gain"\n```\n',
        }
        self.assertEqual([], list(rules.plugin_folder_breaches(whole)))
        for missing in whole:
            rest = {path: text for path, text in whole.items() if path != missing}
            self.assertTrue(list(rules.plugin_folder_breaches(rest)), missing)
        no_stanza = {**whole, "plugins/gain/README.md": "gain\n"}
        self.assertEqual(1, len(list(rules.plugin_folder_breaches(no_stanza))))

    def test_a_header_without_a_sentence_or_guard_is_seen(self):
        header = "stages/audio/include/earshot/audio/mel.h"
        self.assertEqual([], list(rules.header_breaches({header: "// Mel: a spectrogram.\n#pragma once\n"})))
        self.assertEqual(1, len(list(rules.header_breaches({header: "// Mel: a spectrogram.\n"}))))
        self.assertEqual(1, len(list(rules.header_breaches({header: "\n#pragma once\n"}))))

    def test_a_path_of_one_machine_is_seen(self):
        somewhere = "/".join(["", "home", "ann", "clotho"])
        self.assertEqual(1, len(list(rules.machine_path_breaches({"graphs/a.toml": f'path = "{somewhere}"'}))))
        self.assertEqual([], list(rules.machine_path_breaches({"README.md": "data/home/x, https://a.org/home/x"})))

    def test_unfinished_work_is_seen(self):
        word = "TO" + "DO"
        self.assertEqual(1, len(list(rules.unfinished_breaches({"stages/a.cpp": f"// {word}: later\n"}))))


if __name__ == "__main__":
    unittest.main()
