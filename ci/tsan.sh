#!/usr/bin/env bash
# tsan.sh - the tests under ThreadSanitizer, std instrumented too, without any suppression.
#
# use: ci/tsan.sh [RUNS, 1 unless told] [ARGUMENT of cargo test...]
# A race is found by schedule, so more runs find more. libtest prints "ok" above a report: what
# counts is the exit code and that no report was printed. Memory that nobody has is refused, not
# reported: tests ask for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

runs=${1:-1}
shift || true
use_sanitizer thread
export TSAN_OPTIONS="external_symbolizer_path=$symbolizer second_deadlock_stack=1 allocator_may_return_null=1"
log=$target/tsan.log
# The tests of the examples run these, instrumented too.
cargo build --locked --examples -Zbuild-std --target "$host"
for run in $(seq "$runs"); do
  echo "ThreadSanitizer, run $run of $runs"
  cargo test --locked --tests -Zbuild-std --target "$host" "$@" 2>&1 | tee "$log"
  ! grep -q 'WARNING: ThreadSanitizer' "$log" || fail "a data race was reported; see $log"
done
