#!/usr/bin/env bash
# test.sh - unit, integration and doc tests and the examples: over the critical section and
# portable-atomic too, as on targets without compare-and-swap. (With the default features, and the
# scenarios, readme.sh runs them: that is the README's command. Scenarios over the critical section are
# models.sh's.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

cargo test --locked --features critical-section,portable,lock_api,lock_api-0_5,serde,rayon
CARGO_TARGET_DIR=$target/shared-pool \
  cargo test --locked --manifest-path examples/shared-pool/Cargo.toml
