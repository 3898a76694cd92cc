"""Ids of Hugging Face's tokenisers beside those of earshot: captions and random Unicode strings.

    tools/parity/run tokenisers [--strings 1000000] [--data DIR] [--sample DIR]

Families: byte_pair (RoBERTa), wordpiece (BERT uncased), unigram (T5's settings, on pieces trained here from earshot's
own captions). Prints how many strings differ and the first that do. --sample writes strings with their ids, and the
pieces, for tests/data/tokenisers.
"""

import argparse
import collections
import csv
import json
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/bin/bench_tokenise"
SEPARATOR = b"\xff"
SAMPLED = 1000
SPECIALS = re.compile(r"<pad>|</s>|<unk>|<extra_id_\d+>")

# Alphabets of random strings: (weight, first, last). Letters of many scripts, marks, blanks, punctuation, anything.
ALPHABETS = [
    (30, 0x20, 0x7E), (8, 0x61, 0x7A), (6, 0xA0, 0x24F), (4, 0x300, 0x36F), (4, 0x370, 0x52F), (3, 0x590, 0x6FF),
    (3, 0x900, 0x97F), (3, 0xE00, 0xE7F), (3, 0x1E00, 0x1FFF), (4, 0x2000, 0x206F), (3, 0x2070, 0x218F),
    (3, 0x2190, 0x2BFF), (3, 0x3000, 0x30FF), (4, 0x4E00, 0x9FFF), (3, 0xAC00, 0xD7A3), (2, 0xE000, 0xF8FF),
    (3, 0xF900, 0xFDFF), (3, 0xFE00, 0xFFFD), (3, 0x1F300, 0x1FAFF), (2, 0x20000, 0x2FA1F), (2, 0x00, 0x1F),
    (3, 0x00, 0x10FFFF),
]  # fmt: skip
PIECES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "'s", "'LL", "don't", "3.14", "1,000", "</s>", "<mask>", " <mask>",
          "[MASK]", "[UNK]", "<s>", "<pad>", "<unk>", "a" * 101, "rain", " thunder", "##ing", "...", "¿", "👩‍🚒"]  # fmt: skip


def random_strings(count, seed=1):
    draw = random.Random(seed)
    weights = [alphabet[0] for alphabet in ALPHABETS]
    for _ in range(count):
        text = ""
        for _ in range(draw.randint(0, 6)):
            if draw.random() < 0.25:
                text += draw.choice(PIECES)
                continue
            _, first, last = draw.choices(ALPHABETS, weights)[0]
            text += "".join(chr(draw.randint(first, last)) for _ in range(draw.randint(1, 8)))
        yield "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)


def captions(data):
    """Every caption in the test data."""
    texts = []
    for file in sorted(data.glob("clotho/clotho_captions_*.csv")):
        with open(file, encoding="utf-8", newline="") as stream:
            texts += [caption for row in list(csv.reader(stream))[1:] for caption in row[1:]]
    for file in sorted(data.glob("audiocaps/*.csv")):
        with open(file, encoding="utf-8", newline="") as stream:
            texts += [row["caption"] for row in csv.DictReader(stream)]
    for file in sorted(data.glob("wavcaps/sb_final.json")):
        texts += [entry["caption"] for entry in json.loads(file.read_text(encoding="utf-8"))["data"]]
    return texts


def own_captions():
    palette = json.loads((ROOT / "data/scenes/palette.json").read_text(encoding="utf-8"))
    texts = []

    def visit(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                texts.extend(inner) if key == "captions" else visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit(palette)
    return texts


def byte_pair_folder(data, folder):
    """RoBERTa's vocab.json out of GPT-2's and fairseq's list, whose line n is id n + 4."""
    tokens = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 50264}
    by_id = {id: token for token, id in json.loads((data / "gpt2_bpe_encoder.json").read_text(encoding="utf-8")).items()}
    lines = (data / "fairseq_dict.txt").read_text(encoding="utf-8").splitlines()
    for id, line in enumerate(lines[: 50264 - 4], 4):
        name = line.split(" ")[0]
        tokens[by_id[int(name)] if name.isdigit() else name] = id
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    (folder / "merges.txt").write_bytes((data / "gpt2_bpe_vocab.bpe").read_bytes())


def unigram_folder(folder, rule):
    import sentencepiece

    (folder / "captions.txt").write_text("\n".join(own_captions()), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "captions.txt"), model_prefix=str(folder / "spiece"), vocab_size=300, model_type="unigram",
        normalization_rule_name=rule, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False,
        minloglevel=2,
    )  # fmt: skip
    (folder / "captions.txt").unlink()


def make_folder(family, vocabularies, folder):
    """The files of a family as Hugging Face publishes them."""
    if family == "byte_pair":
        byte_pair_folder(vocabularies, folder)
    elif family == "wordpiece":
        (folder / "vocab.txt").write_bytes((vocabularies / "bert_base_uncased_vocab.txt").read_bytes())
    else:
        unigram_folder(folder, "nmt_nfkc")


def reference(family, folder):
    from transformers import AddedToken, BertTokenizer, RobertaTokenizer, T5Tokenizer

    if family == "byte_pair":
        mask = AddedToken("<mask>", lstrip=True, special=True)  # as the published tokenizer.json has it
        return RobertaTokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), mask_token=mask)
    if family == "wordpiece":
        return BertTokenizer(vocab=str(folder / "vocab.txt"))
    return T5Tokenizer.from_pretrained(str(folder))


def earshot_ids(family, folder, strings):
    file = folder / "strings.bin"
    file.write_bytes(b"".join(string.encode() + SEPARATOR for string in strings))
    done = subprocess.run([PROGRAM, folder, family, file, "--ids"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return [[int(id) for id in line.split()] for line in done.stdout.splitlines()]


def differing_characters(strings, theirs, ours):
    """The characters that strings of differing ids have in common, by general category."""
    seen = collections.Counter()
    for string, their, our in zip(strings, theirs, ours):
        if their != our:
            seen.update({(unicodedata.category(c), f"U+{ord(c):04X}") for c in string if ord(c) > 0x7F})
    return seen.most_common(12)


def own_pieces(folder):
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    return lambda text: [*pieces.encode(text), 1]


def cut_as_by_sentencepiece(folder, strings):
    """Of each string, whether what stands between its special tokens, which the package does not know, is cut alike:
    transformers composes marks otherwise."""
    cut = own_pieces(folder)
    parts = [[part for part in SPECIALS.split(string) if part] for string in strings]
    ours = iter(earshot_ids("unigram", folder, [part for some in parts for part in some]))
    return [all([cut(part) == next(ours) for part in some]) for some in parts]


def own_ids(folder, strings):
    """Ids of the sentencepiece package, on pieces without the table of NFKC, which is 240 KB."""
    unigram_folder(folder, "identity")
    return [None if "<" in text else ids for text, ids in zip(strings, map(own_pieces(folder), strings))]


def write_sample(out, family, strings, ids):
    """The first strings that have ids: None where the package does not know the specials that a string holds."""
    sample = [{"text": text, "ids": id} for text, id in zip(strings, ids) if id is not None][:SAMPLED]
    lines = "\n".join(json.dumps(one, separators=(",", ":")) for one in sample)
    (out / f"{family}.jsonl").write_text(lines + "\n", encoding="utf-8")


def compare(family, folder, strings):
    tokenizer = reference(family, folder)
    theirs = []
    for first in range(0, len(strings), 20000):
        theirs += tokenizer(strings[first : first + 20000])["input_ids"]
    ours = earshot_ids(family, folder, strings)
    assert len(ours) == len(strings)
    differ = [i for i in range(len(strings)) if theirs[i] != ours[i]]
    print(f"{family}: {len(differ)} of {len(strings)} strings differ")
    if family == "unigram":
        agreed = cut_as_by_sentencepiece(folder, [strings[i] for i in differ])
        print(f"  {sum(agreed)} of these are cut by the sentencepiece package as by earshot, special tokens apart")
        differ = [i for i, same in zip(differ, agreed) if not same]
    for i in differ[:5]:
        print(f"  {strings[i]!r}\n    reference {theirs[i]}\n    earshot   {ours[i]}")
    if differ:
        print("  most of them hold:", differing_characters(strings, theirs, ours))
    return theirs, differ


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strings", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--family", choices=("byte_pair", "wordpiece", "unigram"))
    parser.add_argument("--every", action="store_true", help="every code point too, in a word and alone")
    parser.add_argument("--sample", type=Path)
    arguments = parser.parse_args()
    texts = captions(arguments.data)
    drawn = list(random_strings(arguments.strings))
    print(f"{len(texts)} captions, {len(drawn)} random strings")
    if arguments.every:
        drawn += [f"rain{chr(c)}fall {chr(c)} a" for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
    total = 0
    for family in [arguments.family] if arguments.family else ("byte_pair", "wordpiece", "unigram"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_folder(family, arguments.data / "tokenizer", folder)
            theirs, differ = compare(family, folder, texts + drawn)
            total += len(differ)
            if arguments.sample:
                ids = theirs[len(texts) :] if family != "unigram" else own_ids(folder, drawn)
                write_sample(arguments.sample, family, drawn, ids)
                if family == "unigram":
                    (arguments.sample / "spiece.model").write_bytes((folder / "spiece.model").read_bytes())
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
