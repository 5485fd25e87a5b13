#!/usr/bin/env bash
# epoch_loom.sh - crossbeam-epoch's own loom mode: its algorithm, of the version that Cargo.lock
# names, checked by its own models. Without its cfg those would pass with one schedule each, so this
# counts the models that ran. Bounded to two preemptions, as its authors run it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

cargo fetch -q --locked
version=$(awk '/^name = "crossbeam-epoch"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
source=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"crossbeam-epoch-$version" | head -n 1)
[ -f "$source/tests/loom.rs" ] || fail "crossbeam-epoch $version was published without its models"
copy=$target/epoch-loom/crossbeam-epoch-$version
rm -rf "$copy"
mkdir -p "$(dirname "$copy")"
cp -r "$source" "$copy"
printf '\n[workspace]\n' >>"$copy/Cargo.toml"
log=$target/epoch-loom.log
RUSTFLAGS="--cfg crossbeam_loom" CARGO_TARGET_DIR=$target/epoch-loom \
  LOOM_MAX_PREEMPTIONS=2 cargo test --release --features loom --test loom --manifest-path "$copy/Cargo.toml" -- \
  --nocapture 2>&1 | tee "$log"
models=$(grep -c '^#\[test\]' "$source/tests/loom.rs")
grep -q "test result: ok. $models passed" "$log" || fail "not all of the $models models ran"
