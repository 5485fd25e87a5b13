#!/usr/bin/env bash
# docs.sh - the documentation builds without a warning, with the default features and with all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

export RUSTDOCFLAGS="-D warnings"
cargo doc --locked --no-deps
cargo doc --locked --no-deps --all-features
