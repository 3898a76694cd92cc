"""Sound files as bytes, right and wrong ones: RIFF WAVE, and the header of FLAC (RFC 9639, section 8.2)."""

import random
import struct


def header(data_bytes, channels=1, rate_hz=8000, bits=16, code=1):
    """The 44 bytes before the samples; `code` 1 is PCM, 3 is IEEE float."""
    block = channels * bits // 8 & 0xFFFF
    form = struct.pack("<HHIIHH", code, channels, rate_hz, rate_hz * block & 0xFFFFFFFF, block, bits)
    riff_bytes = 36 + data_bytes & 0xFFFFFFFF
    return b"RIFF" + struct.pack("<I", riff_bytes) + b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", data_bytes)


def wav(data, **form):
    return header(len(data), **form) + data


def noise(frames, seed=1):
    """16-bit samples."""
    draw = random.Random(seed)
    return struct.pack(f"<{frames}h", *(draw.randrange(-8000, 8000) for _ in range(frames)))


def flac_header(frames, rate_hz=8000):
    """STREAMINFO of a mono file of 16 bits, the only metadata block; no audio follows it."""
    block_and_frame_sizes = struct.pack(">HH", 4096, 4096) + bytes(6)
    packed = rate_hz << 44 | 0 << 41 | 15 << 36 | frames
    return b"fLaC" + b"\x80\x00\x00\x22" + block_and_frame_sizes + packed.to_bytes(8, "big") + bytes(16)
