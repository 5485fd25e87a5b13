#!/usr/bin/env bash
# miri.sh - the tests under Miri: tree borrows with several seeds, and our own code under stacked
# borrows too (crossbeam-epoch fails those, so that pass leaves its backend out).
#
# use: ci/miri.sh [SEEDS, 8 unless told]
# Miri is a component of some nightly toolchains. Where none has it, this says so and passes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

seeds=${1:-8}
miri() { cargo "+$toolchain" miri "$@"; }
toolchain=
for candidate in $(rustup toolchain list 2>/dev/null | awk '{ print $1 }'); do
  cargo "+$candidate" miri --version >/dev/null 2>&1 && toolchain=$candidate
done
if [ -z "$toolchain" ]; then
  cat <<'SKIP'

  ####################################################################
  ##  MIRI DID NOT RUN: no toolchain on this machine has it.        ##
  ##  rustup +nightly component add miri                            ##
  ####################################################################

SKIP
  exit 0
fi
export CARGO_TARGET_DIR=$target/miri
MIRIFLAGS="-Zmiri-tree-borrows -Zmiri-ignore-leaks -Zmiri-many-seeds=0..$seeds" miri test --tests
MIRIFLAGS="-Zmiri-ignore-leaks -Zmiri-many-seeds=0..$seeds" \
  miri test --lib --features critical-section critical
