#!/usr/bin/env bash
# nostd.sh - the library builds for bare metal and for wasm, with core and alloc built from source.
#
# Targets without compare-and-swap have the critical section as their one reclaimer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

use_debian_rust
export CARGO_TARGET_DIR=$target/nostd RUSTFLAGS="-D warnings"
failed=
build() {
  local log
  if log=$(cargo build -q --locked --lib -Zbuild-std=core,alloc --target "$1" \
    --no-default-features --features "$2" 2>&1); then
    echo "ok    $1 [$2]"
  else
    printf 'FAIL  %s [%s]\n%s\n' "$1" "$2" "$log"
    failed=1
  fi
}
for triple in thumbv7em-none-eabihf wasm32-unknown-unknown aarch64-unknown-none; do
  build "$triple" ""
  build "$triple" critical-section
done
# Their one reclaimer leaves unused what serves the others.
RUSTFLAGS+=" -A dead-code"
for triple in thumbv6m-none-eabi riscv32imc-unknown-none-elf; do
  build "$triple" critical-section
done
[ -z "$failed" ]
