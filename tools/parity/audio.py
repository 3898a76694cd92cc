"""Front ends and audio encoders beside their references: the same recordings, the same random weights.

    tools/parity/run audio front-ends                      hear21passt and kaldi-native-fbank, every recording
    tools/parity/run audio passt [--variant s10]           hear21passt, cut off behind each block in turn
    tools/parity/run audio beats --checkout unilm/beats    BEATs.py and backbone.py of microsoft/unilm
    tools/parity/run audio vast --checkout unilm/beats     the same code over VAST's 64 bands
    tools/parity/run audio cavmae --checkout cav-mae/src   models/cav_mae.py of YuanGongND/cav-mae

Prints the largest and the mean difference, and ends with 1 where one is above its limit. Needs the program (tools/build)
and recordings: --data is a folder of sound files.
"""

import argparse
import importlib.util
import json
import struct
import subprocess
import sys
import tempfile
import types
import warnings
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/bin/earshot"
STRIDES = {"s16": 16, "s10": 10}
WHOLE = 1e-4  # what a whole network may differ by, in fp32


def peek(graph, stage, folder, settings, items):
    """The rows at `stage` of the flow `embed`, in order."""
    words = [PROGRAM, "peek", graph, "--flow", "embed", "--at", stage, "--items", items, "--save", folder]
    for name, value in settings.items():
        words += ["--set", f"{name}={value}"]
    ran = subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"parity: earshot peek: {ran.stderr or ran.stdout}")
    files = Path(folder).glob(f"{stage}.*.npy")
    return [np.load(file) for file in sorted(files, key=lambda file: int(file.name.split(".")[2].split("-")[0]))]


def write_safetensors(file, tensors):
    """`tensors`: name -> float32 array."""
    header, blobs, offset = {}, [], 0
    for name in sorted(tensors):
        values = np.ascontiguousarray(tensors[name], dtype="<f4")
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, offset + values.nbytes]}
        blobs.append(values.tobytes())
        offset += values.nbytes
    text = json.dumps(header).encode()
    Path(file).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def module_stubs(**modules):
    for name, contents in modules.items():
        module = types.ModuleType(name.replace("__", "."))
        module.__dict__.update(contents)
        sys.modules[module.__name__] = module


def import_references():
    """hear21passt and torchaudio's Kaldi functions, without what they import and do not use here."""
    folder = next(Path(entry) / "torchaudio" for entry in sys.path if (Path(entry) / "torchaudio").is_dir())
    module_stubs(torchaudio={}, torchaudio__compliance={})
    spec = importlib.util.spec_from_file_location("torchaudio.compliance.kaldi", folder / "compliance/kaldi.py")
    kaldi = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kaldi)
    sys.modules["torchaudio.compliance.kaldi"] = kaldi
    sys.modules["torchaudio"].compliance = sys.modules["torchaudio.compliance"]
    sys.modules["torchaudio.compliance"].kaldi = kaldi
    masking = types.SimpleNamespace(FrequencyMasking=torch.nn.Identity, TimeMasking=torch.nn.Identity)
    sys.modules["torchaudio"].transforms = masking
    module_stubs(timm={}, timm__models={}, timm__models___hub={"download_cached_file": None})
    return kaldi


class Recordings:
    """Sound files, brought to one rate and one channel by libraries of others, as WAV files that earshot reads."""

    def __init__(self, data, count, rate_hz, folder):
        files = sorted(file for file in Path(data).rglob("*") if file.suffix in (".ogg", ".wav", ".flac"))
        if not files:
            sys.exit(f"parity: no recordings below {data}")
        self.folder = Path(folder) / f"at{rate_hz}"
        self.folder.mkdir()
        self.waves = []
        for number, file in enumerate(files[:: max(1, len(files) // count)][:count]):
            sound, rate = soundfile.read(file, dtype="float32", always_2d=True)
            wave = soxr.resample(sound[:, 0], rate, rate_hz).astype("float32")
            soundfile.write(self.folder / f"{number:04}.wav", wave, rate_hz, subtype="FLOAT")
            self.waves.append(wave)


class Differences:
    def __init__(self):
        self.failed = False

    def show(self, what, ours, theirs, largest=np.inf, mean=np.inf):
        found = np.abs(np.concatenate([(a.astype("f8") - b).ravel() for a, b in zip(ours, theirs, strict=True)]))
        wrong = bool(found.max() > largest or found.mean() > mean)
        self.failed |= wrong
        limits = [f"{name} {limit:g}" for name, limit in (("largest", largest), ("mean", mean)) if limit < np.inf]
        verdict = ("ABOVE " if wrong else "within ") + ", ".join(limits) if limits else ""
        print(f"{what:42} largest {found.max():.2e}  mean {found.mean():.2e}  {verdict}", flush=True)


def earshot_rows(graph, stage, recordings, folder, settings):
    with tempfile.TemporaryDirectory(dir=folder) as saved:
        settings = {"stage.library.path": recordings.folder, **settings}
        return peek(f"graphs/encoders/{graph}.toml", stage, saved, settings, len(recordings.waves))


def passt_mel():
    """hear21passt's own front end, in evaluation."""
    from hear21passt.models.preprocess import AugmentMelSTFT

    return AugmentMelSTFT(n_mels=128, sr=32000, win_length=800, hopsize=320, n_fft=1024, freqm=48, timem=192, fmin=0.0,
                          fmax=None, fmin_aug_range=10, fmax_aug_range=2000).eval()  # fmt: skip


def kaldi_fbank(wave, window, bands):
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = 16000
    options.frame_opts.dither = 0.0
    options.frame_opts.snip_edges = True
    options.frame_opts.window_type = window
    options.mel_opts.num_bins = bands
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(16000, wave.tolist())
    bank.input_finished()
    return np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)]).T


def exact_mel(frames, window, fft, bank):
    """[mel, frame] energies in float64 of frames [frame, sample]; `bank`: bands, rate, lowest and highest frequency."""
    bands, rate_hz, low_hz, high_hz = bank
    mel_of = lambda hz: 1127 * np.log1p(hz / 700)  # noqa: E731
    edges = np.linspace(mel_of(low_hz), mel_of(high_hz), bands + 2)[:, None]
    bins = mel_of(np.arange(fft // 2) * rate_hz / fft)
    rise, fall = (bins - edges[:-2]) / np.diff(edges[:-1], axis=0), (edges[2:] - bins) / np.diff(edges[1:], axis=0)
    power = np.abs(np.fft.rfft(frames * window, fft))[:, : fft // 2] ** 2
    return np.maximum(0, np.minimum(rise, fall)) @ power.T


def exact_passt(wave):
    signal = wave[1:].astype("f8") - 0.97 * wave[:-1].astype("f8")
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(signal, 512, mode="reflect"), 1024)[::320]
    window = np.pad(np.hanning(800), 112)
    return np.log(exact_mel(frames, window, 1024, (128, 32000, 0, 15000)) + 1e-5)


def exact_kaldi(wave, window, bands):
    frames = np.lib.stride_tricks.sliding_window_view(wave.astype("f8"), 400)[::160]
    frames = frames - frames.mean(1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    window = np.hanning(400) ** (0.85 if window == "povey" else 1)
    return np.log(np.maximum(exact_mel(frames, window, 512, (bands, 16000, 20, 8000)), 2.0**-23))


def show_front_end(differences, what, ours, theirs, exact, largest, mean):
    """The reference rounds to float32 as well, and where a band is far below its neighbours both lose digits: the limit
    is on the mean difference, and on how far earshot is from float64 in bands up to 50 dB below their frame's loudest.
    """
    audible = [cells > cells.max(0) - np.log(1e5) for cells in exact]
    pick = lambda cells: [one[kept] for one, kept in zip(cells, audible, strict=True)]  # noqa: E731
    far = np.concatenate([np.abs(a - b).ravel() > largest for a, b in zip(ours, theirs, strict=True)])
    differences.show(f"{what}, to the reference", ours, theirs, mean=mean)
    print(f"    above {largest:g}: {far.sum()} of {far.size} cells")
    differences.show("    earshot to float64", pick(ours), pick(exact), largest)
    differences.show("    reference to float64", pick(theirs), pick(exact))


def front_ends(arguments, folder, differences):
    """Raw log values: what earshot normalised is put back."""
    drawn = {"stage.audio.weights": "random", "stage.audio.depth": 1, "stage.audio.width": 64}
    recordings = Recordings(arguments.data, arguments.clips, 32000, folder)
    reference = passt_mel()
    with torch.no_grad():
        theirs = [reference(torch.from_numpy(wave)[None])[0].double().numpy() * 5 - 4.5 for wave in recordings.waves]
    ours = [mel.astype("f8") * 5 - 4.5 for mel in earshot_rows("passt", "logmel", recordings, folder, drawn)]
    exact = [exact_passt(wave) for wave in recordings.waves]
    show_front_end(differences, "PaSST log-mel", ours, theirs, exact, 1e-4, 1e-5)
    recordings = Recordings(arguments.data, arguments.clips, 16000, folder)
    for name, window, bands, mean, std, scale in (("beats", "povey", 128, 15.41663, 13.11164, 32768),
                                                  ("vast", "povey", 64, 15.41663, 13.11164, 32768),
                                                  ("cavmae", "hanning", 128, -5.081, 4.4849, 1)):  # fmt: skip
        waves = [(wave - np.mean(wave) if name == "cavmae" else wave * scale).astype("f4") for wave in recordings.waves]
        theirs = [kaldi_fbank(wave, window, bands).astype("f8") for wave in waves]
        ours = [mel.astype("f8") * std + mean for mel in earshot_rows(name, "logmel", recordings, folder, drawn)]
        exact = [exact_kaldi(wave, window, bands) for wave in waves]
        show_front_end(differences, f"filter bank of {name}", ours, theirs, exact, 2e-3, 1e-5)


def compare(graph, what, network, recordings, mels, folder, differences, settings=None):
    """`network`: a module and what computes an embedding of a log-mel [mel, frame] with it."""
    module, embed = network
    file = Path(folder) / "weights.safetensors"
    write_safetensors(file, {name: tensor.numpy() for name, tensor in module.state_dict().items()})
    with torch.no_grad():
        theirs = [embed(torch.from_numpy(mel)).numpy() for mel in mels]
    ours = earshot_rows(graph, "audio", recordings, folder, {"stage.audio.weights": file, **(settings or {})})
    differences.show(what, ours, theirs, WHOLE)


def randomise(module):
    """Weights that neither vanish nor blow up, and norms that are not the identity."""
    generator = torch.Generator().manual_seed(7)
    for name, tensor in module.named_parameters():
        scale = tensor.dim() == 1 and name.endswith("weight")
        with torch.no_grad():
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * (0.1 if scale else 0.03) + float(scale))
    return module.eval()


def passt(arguments, folder, differences):
    import hear21passt.models.passt as reference

    reference.first_RUN = False
    recordings = Recordings(arguments.data, arguments.clips, 32000, folder)
    stride = STRIDES[arguments.variant]
    whole = randomise(reference.PaSST(img_size=(128, 998), stride=(stride, stride), distilled=True, num_classes=527))
    mels = earshot_rows("passt", "logmel", recordings, folder, {"stage.audio.weights": "random"})
    blocks = list(whole.blocks)
    for depth in range(1, len(blocks) + 1):
        whole.blocks = reference.nn.Sequential(*blocks[:depth])
        settings = {"stage.audio.depth": depth, "stage.audio.variant": arguments.variant}
        embed = lambda mel: whole(mel[None, None])[1][0]  # noqa: E731
        compare("passt", f"PaSST {arguments.variant}, {depth} blocks", (whole, embed), recordings, mels, folder,
                differences, settings)  # fmt: skip


def beats(arguments, folder, differences, name="beats"):
    sys.path.insert(0, str(arguments.checkout))
    from BEATs import BEATs, BEATsConfig

    recordings = Recordings(arguments.data, arguments.clips, 16000, folder)
    mels = earshot_rows(name, "logmel", recordings, folder, {"stage.audio.weights": "random"})
    for depth in range(1, 13):
        config = BEATsConfig({"input_patch_size": 16, "embed_dim": 512, "encoder_layers": depth, "deep_norm": True,
                              "conv_pos": 128, "conv_pos_groups": 16, "relative_position_embedding": True,
                              "num_buckets": 320, "max_distance": 800, "gru_rel_pos": True})  # fmt: skip
        network = randomise(BEATs(config))
        embed = lambda mel: beats_embedding(network, mel, 1024 if name == "vast" else None)  # noqa: B023, E731
        settings = {"stage.audio.depth": depth}
        compare(name, f"{name}, {depth} blocks", (network, embed), recordings, mels, folder, differences, settings)


def beats_embedding(network, mel, slice_frames):
    """extract_features behind its front end, then the mean over tokens; a slice is filled up with zeros."""
    frames = mel.T[None, None]
    if slice_frames:
        frames = torch.nn.functional.pad(frames, (0, 0, 0, slice_frames - frames.shape[2]))
    features = network.patch_embedding(frames).flatten(2).transpose(1, 2)
    tokens, _ = network.encoder(network.post_extract_proj(network.layer_norm(features)), padding_mask=None)
    return tokens.mean(1)[0]


def vast(arguments, folder, differences):
    beats(arguments, folder, differences, "vast")


def cavmae(arguments, folder, differences):
    import hear21passt.models.passt as copies  # of timm's Attention and Mlp, which cav-mae imports
    to_pair = lambda x: (x, x) if isinstance(x, int) else x  # noqa: E731
    attention = lambda *given, qk_scale=None, **named: copies.Attention(*given, **named)  # noqa: E731
    vision = {"Attention": attention, "Mlp": copies.Mlp, "PatchEmbed": None, "Block": None}
    layers = {"to_2tuple": to_pair, "trunc_normal_": copies.trunc_normal_, "DropPath": copies.DropPath}
    module_stubs(timm={}, timm__models={}, timm__models__layers=layers, timm__models__vision_transformer=vision)
    sys.modules["timm"].models = sys.modules["timm.models"]
    sys.modules["timm.models"].vision_transformer = sys.modules["timm.models.vision_transformer"]
    np.float = float  # the name that the reference uses, gone from NumPy since
    sys.path.insert(0, str(arguments.checkout))
    module_stubs(models={"__path__": [str(Path(arguments.checkout) / "models")]})
    from models.cav_mae import CAVMAE

    recordings = Recordings(arguments.data, arguments.clips, 16000, folder)
    mels = earshot_rows("cavmae", "logmel", recordings, folder, {"stage.audio.weights": "random"})
    whole = randomise(CAVMAE(audio_length=1024))
    blocks = list(whole.blocks_a)
    silence = 5.081 / 4.4849

    def embed(mel):
        frames = torch.nn.functional.pad(mel.T, (0, 0, 0, 1024 - mel.shape[1]), value=silence)
        x = whole.patch_embed_a(frames[None, None].transpose(2, 3)) + whole.pos_embed_a + whole.modality_a
        for block in whole.blocks_a:
            x = block(x)
        for block in whole.blocks_u:
            x = block(x, "a")
        return whole.norm_a(x).mean(1)[0]

    for depth in range(1, len(blocks) + 1):
        whole.blocks_a = torch.nn.ModuleList(blocks[:depth])
        compare("cavmae", f"CAV-MAE, {depth} + 1 blocks", (whole, embed), recordings, mels, folder, differences,
                {"stage.audio.depth": depth})  # fmt: skip


WORK = {"front-ends": front_ends, "passt": passt, "beats": beats, "vast": vast, "cavmae": cavmae}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=WORK)
    parser.add_argument("--data", default=ROOT / "../shared/data/esc10", help="folder of sound files")
    parser.add_argument("--clips", type=int, help="how many of them; front-ends: all, encoders: 4")
    parser.add_argument("--variant", choices=STRIDES, default="s16", help="of PaSST")
    parser.add_argument("--checkout", type=Path, help="folder of the reference's sources")
    arguments = parser.parse_args()
    if arguments.work in ("beats", "vast", "cavmae") and arguments.checkout is None:
        parser.error("say where the reference's sources are with --checkout")
    arguments.clips = arguments.clips or (400 if arguments.work == "front-ends" else 4)
    warnings.simplefilter("ignore")
    import_references()
    differences = Differences()
    with tempfile.TemporaryDirectory() as folder:
        WORK[arguments.work](arguments, folder, differences)
    sys.exit(1 if differences.failed else 0)


if __name__ == "__main__":
    main()
