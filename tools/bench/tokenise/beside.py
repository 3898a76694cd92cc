"""Captions to ids: earshot beside Hugging Face's tokenizers, one thread each, in one run.

    tools/parity/run ../bench/tokenise/beside [--data DIR] [--strings 200000]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/parity"))
import tokenisers  # noqa: E402

PASSES = 5


def peer(tokenizer, strings):
    """Strings a second of the fastest way in: batches of 1,000 without offsets."""
    backend = tokenizer.backend_tokenizer
    seconds = []
    for _ in range(PASSES):
        begun = time.perf_counter()
        for first in range(0, len(strings), 1000):
            backend.encode_batch_fast(strings[first : first + 1000])
        seconds.append(time.perf_counter() - begun)
    return len(strings) / statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--strings", type=int, default=200_000)
    arguments = parser.parse_args()
    texts = tokenisers.captions(arguments.data)
    strings = (texts * (arguments.strings // len(texts) + 1))[: arguments.strings]
    for family in ("byte_pair", "wordpiece", "unigram"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            tokenisers.make_folder(family, arguments.data / "tokenizer", folder)
            theirs = peer(tokenisers.reference(family, folder), strings)
            (folder / "strings").write_bytes(b"".join(string.encode() + tokenisers.SEPARATOR for string in strings))
            command = [tokenisers.PROGRAM, folder, family, folder / "strings"]
            ours = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        print(f"{family}: tokenizers {theirs:,.0f} strings/s; earshot {ours}")


if __name__ == "__main__":
    main()
