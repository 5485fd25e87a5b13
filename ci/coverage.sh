#!/usr/bin/env bash
# coverage.sh - which lines the tests and the models reach: a table, and target/coverage/html.
#
# use: ci/coverage.sh [ARGUMENT of cargo llvm-cov...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

need_cargo llvm-cov
if [ -z "${LLVM_COV:-}" ] && ! ls "$(rustc --print sysroot)"/lib/rustlib/*/bin/llvm-cov >/dev/null 2>&1; then
  # Of the same LLVM as the compiler, whose profile format it reads.
  llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  need_apt "llvm-$llvm"
  export LLVM_COV=/usr/lib/llvm-$llvm/bin/llvm-cov LLVM_PROFDATA=/usr/lib/llvm-$llvm/bin/llvm-profdata
fi
export CARGO_TARGET_DIR=$target/coverage
cargo llvm-cov clean
cargo llvm-cov test --locked --no-report "$@"
cargo llvm-cov test --locked --no-report --features loom,critical-section "$@"
cargo llvm-cov report --html --output-dir "$target/coverage"
cargo llvm-cov report
