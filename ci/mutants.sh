#!/usr/bin/env bash
# mutants.sh - breaks the crate on purpose, in a copy, and looks which check notices: each memory
# ordering one step weaker, and each patch of mutants/patches. docs/ORDERING.md is what it found.
#
# use: ci/mutants.sh                  all, each by all checks that name it
#      ci/mutants.sh SECONDS          a random sample, each by the check that killed it last time
#      ci/mutants.sh --write          all, and writes mutants/ledger.toml and docs/ORDERING.md
#      ci/mutants.sh --only NAME      those whose name holds NAME; with --write, enters them
#      ci/mutants.sh --text --write   writes docs/ORDERING.md from the ledger, and runs none
#      ci/mutants.sh --list           their names
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

# Each patch is a small change: what the last build left is worth its room here.
export CARGO_TARGET_DIR=$target/mutants/program CARGO_INCREMENTAL=1
cargo test -q --locked --manifest-path mutants/Cargo.toml
# The copies share with the crate what it depends on.
cargo run -q --locked --manifest-path mutants/Cargo.toml -- \
  --folder "$target/mutants" --build "$target" "$@"
