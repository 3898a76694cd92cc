"""The rules of the house: who may include whom, how long things get, what a plugin's folder holds.

Every rule takes the files of a tree, {path relative to its root: text}, and gives a sentence for each breach.
"""

import re
from pathlib import PurePosixPath as Path

CPP = {".h", ".cpp"}
LONGEST_FILE = 450
LONGEST_README = 30
STAGE_PARTS = {"audio", "text", "retrieval", "nn"}
TOP_FOLDERS = ("stages", "pipeline", "plugins", "graphs", "data", "tools", "tests")

# part -> the parts whose headers its files may include. tests/ may include everything.
MAY_INCLUDE = {
    "contract": {"contract"},
    **{part: {"contract", part} for part in STAGE_PARTS},
    "pipeline": {"contract", "pipeline"},
    "plugins": {"contract"} | STAGE_PARTS,
    "tools": {"contract", "pipeline"},
    "tools/bench": {"contract", "pipeline"} | STAGE_PARTS,  # measures them
}
MAY_INCLUDE_LIBTORCH = {"nn", "plugins"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
LIBTORCH = re.compile(r"(torch|ATen|c10|caffe2)/")
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.DOTALL)  # text that a program writes, not its own includes
MACHINE_PATH = re.compile(r"(?<![\w.$}*-])/(home|root|work|Users|opt|mnt)/\w")


def cpp(files):
    return {path: text for path, text in files.items() if Path(path).suffix in CPP}


def includes(text):
    """(quote, name) of each include of a C++ file."""
    return INCLUDE.findall(RAW_STRING.sub("", text))


def part_of(path):
    """The part that a file belongs to, as MAY_INCLUDE names it; None where no rule applies."""
    top, *rest = Path(path).parts
    if top == "stages":
        return rest[0] if rest[0] in MAY_INCLUDE else None
    if top == "tools" and rest[0] == "bench":
        return "tools/bench"
    return top if top in MAY_INCLUDE else None


def included_part(path, quote, name):
    """The part whose header `name` is, as the file `path` includes it; None for other libraries and neighbours."""
    if name.startswith("earshot/"):
        return name.split("/")[1]
    if quote == '"' and name.startswith((*(f"{top}/" for top in TOP_FOLDERS), "..")):
        folder = Path(path).parent if name.startswith("..") else Path()
        resolved = []
        for step in (folder / name).parts:
            resolved = resolved[:-1] if step == ".." else [*resolved, step]
        return part_of("/".join(resolved)) or resolved[0]
    return None


def include_breaches(files):
    for path, text in cpp(files).items():
        part = part_of(path)
        if part is None:
            continue
        for quote, name in includes(text):
            other = included_part(path, quote, name)
            if other is not None and other not in MAY_INCLUDE[part]:
                yield f"{path}: {part} must not include {name}, which is {other}"
            if LIBTORCH.match(name) and part not in MAY_INCLUDE_LIBTORCH:
                yield f"{path}: only stages/nn and plugins include LibTorch, not {name}"
            if part == "contract" and "/include/" in path and quote == "<" and not re.fullmatch(r"[a-z_]+", name):
                yield f"{path}: the contract's headers include the standard library only, not {name}"


def plugin_neighbour_breaches(files):
    """A plugin is a shared library of its own: it includes nothing of another's folder."""
    names = {Path(path).parts[1] for path in files if path.startswith("plugins/") and len(Path(path).parts) > 2}
    for path, text in cpp(files).items():
        if not path.startswith("plugins/"):
            continue
        for _, name in includes(text):
            neighbours = set(Path(name).parts[:-1]) & (names - {Path(path).parts[1]})
            if not name.startswith("earshot/") and neighbours:
                yield f"{path}: a plugin must not include another's {name}"


def length_breaches(files):
    for path, text in files.items():
        lines = text.count("\n")
        if (Path(path).suffix in CPP | {".py", ".sh"}) and lines > LONGEST_FILE:
            yield f"{path}: {lines} lines, more than {LONGEST_FILE}"


def readme_breaches(files):
    for top in TOP_FOLDERS:
        if not any(path.startswith(f"{top}/") for path in files):
            continue
        text = files.get(f"{top}/README.md")
        if text is None:
            yield f"{top}/README.md: is missing"
        elif text.count("\n") > LONGEST_README:
            yield f"{top}/README.md: {text.count(chr(10))} lines, more than {LONGEST_README}"
        else:
            folders = re.findall(r"^\| `([\w-]+/)` \|", text, re.MULTILINE)
            for folder in folders:
                if not any(path.startswith(f"{top}/{folder}") for path in files):
                    yield f"{top}/README.md: there is no {top}/{folder}"


def plugin_folder_breaches(files):
    folders = {Path(path).parts[1] for path in files if path.startswith("plugins/") and len(Path(path).parts) > 2}
    for name in sorted(folders):
        for file in (f"{name}.cpp", f"{name}_test.cpp", "CMakeLists.txt", "README.md"):
            if f"plugins/{name}/{file}" not in files:
                yield f"plugins/{name}/{file}: is missing"
        readme = files.get(f"plugins/{name}/README.md", "")
        stanza = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
        if not stanza or not re.search(rf'^plugin\s*=\s*"{re.escape(name)}"', stanza.group(1), re.MULTILINE):
            yield f'plugins/{name}/README.md: has no stanza to paste (a toml block with plugin = "{name}")'


def header_breaches(files):
    for path, text in files.items():
        if path.endswith(".h") and "/include/" in path:
            if not text.startswith("// "):
                yield f"{path}: a public header begins with a sentence that says what it is"
            if "\n#pragma once\n" not in text:
                yield f"{path}: has no #pragma once"


def machine_path_breaches(files):
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line):
                yield f"{path}:{number}: a path of one machine: {line.strip()[:80]}"


def unfinished_breaches(files):
    for path, text in cpp(files).items():
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                yield f"{path}:{number}: unfinished: {line.strip()[:80]}"


RULES = (
    include_breaches,
    plugin_neighbour_breaches,
    length_breaches,
    readme_breaches,
    plugin_folder_breaches,
    header_breaches,
    machine_path_breaches,
    unfinished_breaches,
)
