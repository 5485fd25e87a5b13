#!/usr/bin/env bash
# clippy.sh - no warning from the compiler or clippy (clippy::incompatible_msrv among them), with
# the default features, with all of them, and without std; and in the program of ci/mutants.sh
# and the example that is a package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

need_component cargo-clippy clippy
cargo clippy --locked --all-targets -- -D warnings
cargo clippy --locked --all-targets --all-features -- -D warnings
cargo clippy --locked --lib --no-default-features -- -D warnings
cargo clippy --locked --lib --no-default-features --features critical-section,portable -- -D warnings
CARGO_TARGET_DIR=$target/mutants/program \
  cargo clippy --locked --all-targets --manifest-path mutants/Cargo.toml -- -D warnings
CARGO_TARGET_DIR=$target/shared-pool \
  cargo clippy --locked --all-targets --manifest-path examples/shared-pool/Cargo.toml -- -D warnings
