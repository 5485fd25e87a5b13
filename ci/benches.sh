#!/usr/bin/env bash
# benches.sh - the benchmarks and their runner compile (nothing is measured).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

export CARGO_TARGET_DIR=$target/benches
cargo build --locked --all-targets --manifest-path benches/Cargo.toml
