#!/usr/bin/env python3
"""tools/convert on checkpoints of the forms that are published; skipped where there is no PyTorch for Python."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (ROOT / ".libtorch").resolve().parents[3] / "bin/python" if (ROOT / ".libtorch").exists() else None

# Writes the checkpoints; `Trap` would leave a file behind if it were ever unpickled.
WRITE = """
import sys, torch
from pathlib import Path
out = Path(sys.argv[1])
weight = torch.arange(6.0).reshape(2, 3)
torch.save({"a.weight": weight, "b": torch.tensor([1, 2])}, out / "plain.pt")
torch.save({"module.a.weight": weight.t()}, out / "parallel.pth")
torch.save({"cfg": {"layers": 12}, "model": {"a.weight": weight.half()}}, out / "beats.pt")
torch.save({"state_dict": {"a.weight": weight}, "epoch": 3}, out / "lightning.ckpt")
class Trap:
    def __reduce__(self):
        return (Path.touch, (out / "sprung",))
torch.save({"a.weight": weight, "trap": Trap()}, out / "trap.bin")
torch.save([1, 2], out / "list.pt")
"""


@unittest.skipUnless(PYTHON and PYTHON.exists(), "no PyTorch for Python behind .libtorch")
class Convert(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = Path(cls.folder.name)
        subprocess.run([PYTHON, "-c", WRITE, cls.path], check=True)

    def convert(self, name, out="out.safetensors"):
        command = [sys.executable, ROOT / "tools/convert", self.path / name, self.path / out]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ})

    def header(self, name):
        done = self.convert(name)
        self.assertEqual(done.returncode, 0, done.stderr)
        data = (self.path / "out.safetensors").read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        return json.loads(data[8 : 8 + length]), data[8 + length :]

    def test_keys_dtypes_and_values_stay(self):
        header, data = self.header("plain.pt")
        self.assertEqual(header["a.weight"], {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]})
        self.assertEqual(header["b"]["dtype"], "I64")
        self.assertEqual(struct.unpack("<6f", data[:24]), (0, 1, 2, 3, 4, 5))

    def test_what_training_puts_in_front_goes_and_order_in_memory_does_not_matter(self):
        header, data = self.header("parallel.pth")
        self.assertEqual(header["a.weight"]["shape"], [3, 2])
        self.assertEqual(struct.unpack("<6f", data), (0, 3, 1, 4, 2, 5))

    def test_containers_are_opened_and_plain_data_is_kept(self):
        header, _ = self.header("beats.pt")
        self.assertEqual(header["a.weight"]["dtype"], "F16")
        self.assertEqual(json.loads(header["__metadata__"]["cfg"]), {"layers": 12})
        self.assertEqual(self.header("lightning.ckpt")[0]["__metadata__"]["epoch"], "3")

    def test_nothing_is_executed(self):
        done = self.convert("trap.bin", "trap.safetensors")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is no checkpoint of tensors", done.stderr)
        self.assertFalse((self.path / "sprung").exists())
        self.assertFalse((self.path / "trap.safetensors").exists())

    def test_what_is_no_checkpoint_is_one_sentence(self):
        for name in ("list.pt", "absent.pt"):
            done = self.convert(name)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"^convert: error: .*\n$")


if __name__ == "__main__":
    unittest.main()
