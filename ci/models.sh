#!/usr/bin/env bash
# models.sh - every model and every scenario, with every engine, and all other tests beside them. (The
# profile `test` is optimised.)
#
# use: ci/models.sh           what ran must be what ci/models.txt lists: each model's name, its pass,
#                             its bound and how many outcomes it saw
#      ci/models.sh --write   writes that list
#      ci/models.sh deep      with deeper bounds, so that names and passes alone must agree; and first
#                             `cargo test --features loom` by itself, of which all is in the rest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh
export LC_ALL=C

listed=ci/models.txt
log=$target/models.log
mkdir -p "$target"
[ "${1:-}" != deep ] || export COUNTERPOINT_MODEL_DEEP=1

# A file of models that no [[test]] names would run nothing, and nobody would notice.
for file in loom-tests/*.rs; do
  grep -qF "path = \"$file\"" Cargo.toml || fail "$file is no [[test]] of Cargo.toml: it never runs"
done

begin=$SECONDS
[ "${1:-}" != deep ] || cargo test --locked --features loom
# With both backends of reclamation, and with what the models print. (Not with what panics print: it would
# tear their lines.)
cargo test --locked --features loom,shuttle,proptest,fuzz,critical-section --tests -- --nocapture |
  tee "$log"

# What ran, a line each, wherever in its line it begins: the "ok" of another test may stand before it.
#   NAME [PASS]: complete, K outcomes   |   NAME [PASS]: bound B, K outcomes
#   NAME [PASS]: counterexample         a bug that was planted, and found
#   oracle NAME: K behaviours           the pass and brute force agree
#   scenario NAME [ENGINE]: complete | bound B | given up, K of M outcomes
ran() {
  sed -nE "$log" \
    -e 's/^.*model (.+ \[[a-z ]+\]): [0-9]+ iterations, (.*outcomes).*$/\1: \2/p' \
    -e 's/^.*model (.+ \[[a-z ]+\]), iteration [0-9]+: .*$/\1: counterexample/p' \
    -e 's/^.*(scenario .+ \[(interleavings|brute-force|loom-interleavings|weak)\]): [0-9]+ runs, (.*outcomes), .*$/\1: \3/p' \
    -e 's/^.*(oracle .+): [0-9]+ interleavings .* ([0-9]+) behaviours.*$/\1: \2 behaviours/p' |
    sort -u
}
ran >"$target/models.txt"
count=$(wc -l <"$target/models.txt")
[ "$count" -gt 0 ] || fail "no model ran"

# The one model that shares nothing on purpose is of the test that such a model is refused.
if grep -E 'model .* 1 iterations' "$log" | grep -v 'model nothing shared '; then
  fail "a model saw a single schedule"
fi
for name in $(grep -ohE '(Model::new|backend\.model)\(\s*"[^"]+"' loom-tests/*.rs | cut -d'"' -f2 | tr ' ' '~' | sort -u); do
  grep -qE "^${name//\~/ }(, [a-z ]+)? \[" "$target/models.txt" || fail "the model '${name//\~/ }' did not run"
done

if [ "${1:-}" = --write ]; then
  cp "$target/models.txt" "$listed"
elif [ "${1:-}" = deep ]; then
  missing=$(comm -23 <(sed 's/:[^:]*$//' "$listed" | sort -u) <(sed 's/:[^:]*$//' "$target/models.txt" | sort -u))
  [ -z "$missing" ] || fail "listed, but did not run: $missing"
else
  diff -u "$listed" "$target/models.txt" ||
    fail "what ran is not what $listed lists; if it should be so: ci/models.sh --write"
fi
echo "models: $count lines as listed, in $((SECONDS - begin)) s with the build"
