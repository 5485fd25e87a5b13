#!/usr/bin/env bash
# fmt.sh - every Rust file stands as rustfmt would write it, in all six workspaces.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

need_component rustfmt rustfmt
for manifest in Cargo.toml benches/Cargo.toml fuzz/Cargo.toml bare-metal/Cargo.toml \
  mutants/Cargo.toml examples/shared-pool/Cargo.toml; do
  echo "$manifest"
  cargo fmt --check --manifest-path "$manifest"
done
