#!/usr/bin/env bash
# A plugin from outside: earshot is installed into an empty prefix, `earshot new-plugin` begins a plugin, it is built
# against the installed package alone, and its stage runs in a graph. Usage: consumer_test.sh BUILD_FOLDER COMPILER
set -euo pipefail

build=$1 compiler=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "consumer_test: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log" >&2; fail "install"; }
PATH=$work/prefix/bin:$PATH
unset EARSHOT_PLUGIN_PATH
cd "$work"

earshot new-plugin louder
[[ $(wc -l <louder/louder.cpp) -le 40 ]] || fail "the source has more than 40 lines"
cmake -S louder -B louder/build -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$work/prefix" >configure.log 2>&1 || { cat configure.log >&2; fail "configure"; }
cmake --build louder/build >build.log 2>&1 || { cat build.log >&2; fail "build"; }
[[ -f louder/build/plugins/louder.json ]] || fail "no description beside the library"

if earshot describe louder >/dev/null 2>&1; then fail "louder is known before its folder is named"; fi
export EARSHOT_PLUGIN_PATH=$work/louder/build/plugins
earshot describe louder | grep -q '^level_db = 6.0 ' || fail "describe prints no stanza"
earshot run louder/graph.toml --out run >run.log || { cat run.log >&2; fail "run"; }
[[ $(tail -n 1 run.log) == "items: 16 admitted = 16 done + 0 skipped + 0 quarantined"* ]] || { cat run.log >&2; fail "items"; }

# Installed into the same prefix, it is found without being named.
unset EARSHOT_PLUGIN_PATH
cmake --install louder/build --prefix "$work/prefix" >/dev/null
earshot check louder/graph.toml || fail "the installed plugin is not found"
