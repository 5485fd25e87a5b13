#!/usr/bin/env bash
# docs.sh - the documentation builds without a warning: as users read it, and with every feature
# and every private item, as the next engineer reads it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

export RUSTDOCFLAGS="-D warnings"
cargo doc --locked --no-deps
cargo doc --locked --no-deps --all-features --document-private-items
