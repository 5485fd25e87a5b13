#!/usr/bin/env bash
# features.sh - every pair of features builds, without a warning.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

need_cargo hack
export CARGO_TARGET_DIR=$target/features RUSTFLAGS="-D warnings"
cargo hack check --locked --lib --feature-powerset --depth 2
