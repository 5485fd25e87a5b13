#!/usr/bin/env bash
# fuzz.sh - each fuzz target for some seconds, from the committed corpus.
#
# use: ci/fuzz.sh [SECONDS per target, 7 unless told] [TARGET...]
# What it finds goes to target/fuzz-corpus, which the next run goes on from; what crashes, to
# fuzz/artifacts with the command that repeats it. Any toolchain will do: RUSTC_BOOTSTRAP stands in
# for nightly.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

seconds=${1:-7}
shift || true
need_cargo fuzz
command -v c++ >/dev/null || need_apt g++
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$target/fuzz"
sanitizer=address
ls "$(rustc --print sysroot)"/lib/rustlib/*/lib/librustc*_rt.asan.a >/dev/null 2>&1 || {
  echo "fuzz.sh: this toolchain ships no AddressSanitizer: fuzzing without one"
  sanitizer=none
}
[ $# -gt 0 ] || mapfile -t names < <(cargo fuzz list)
[ $# -eq 0 ] || names=("$@")
[ ${#names[@]} -gt 0 ] || fail "no fuzz target"
# A target may have a feature of its name, which it alone is built with.
features_of() { grep -qE "^$1 = \[" fuzz/Cargo.toml && echo "--features $1" || true; }
for name in "${names[@]}"; do
  # shellcheck disable=SC2046  # a list of arguments
  cargo fuzz build --sanitizer "$sanitizer" $(features_of "$name") "$name"
  corpora=("$target/fuzz-corpus/$name")
  mkdir -p "${corpora[0]}"
  [ ! -d "fuzz/corpus/$name" ] || corpora+=("fuzz/corpus/$name")
  log=$target/fuzz-$name.log
  # shellcheck disable=SC2046  # a list of arguments
  cargo fuzz run --sanitizer "$sanitizer" $(features_of "$name") "$name" "${corpora[@]}" -- \
    -max_total_time="$seconds" -print_final_stats=1 >"$log" 2>&1 || {
    cat "$log"
    fail "fuzz target $name failed"
  }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  [ "${runs:-0}" -gt 0 ] || fail "fuzz target $name executed nothing; see $log"
  echo "fuzz $name: $runs inputs in $seconds s"
done
