#!/usr/bin/env bash
# baremetal.sh - the program in bare-metal/ runs to its end on two machines that QEMU plays: a
# Cortex-M3, and a Cortex-M0 with 16 KB of memory and no compare-and-swap. A second program must
# panic there: its interrupt handler uses `Spin`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

use_debian_rust
need_apt "lld-$debian_llvm" qemu-system-arm
# Debian ships no rust-lld, the targets' usual linker.
export CARGO_TARGET_DIR=$target/baremetal
export CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER=ld.lld-$debian_llvm
export CARGO_TARGET_THUMBV6M_NONE_EABI_LINKER=ld.lld-$debian_llvm
unset RUSTFLAGS # would hide those of bare-metal/.cargo/config.toml
log=$target/baremetal.log
cd bare-metal
for triple in thumbv7m-none-eabi thumbv6m-none-eabi; do
  echo "== $triple"
  cargo build -q --locked -Zbuild-std=core,alloc --target "$triple"
  timeout 60 /usr/bin/cargo run -q --locked -Zbuild-std=core,alloc --target "$triple" </dev/null |
    tee "$log" || fail "$triple: the program failed, or did not end"
  grep -q '^bare metal: all checks passed' "$log" || fail "$triple: the program stopped early"
  ! timeout 60 /usr/bin/cargo run -q --locked -Zbuild-std=core,alloc --target "$triple" \
    --bin spin_in_handler </dev/null 2>/dev/null >"$log" ||
    fail "$triple: a handler may use \`Spin\`, which may hang there"
  grep 'use `Critical`' "$log" || fail "$triple: nothing says why a handler may not use \`Spin\`"
done
