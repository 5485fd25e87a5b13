#!/usr/bin/env bash
# steps.sh - runs gates one after another and prints the seconds that each took.
#
# use:  ci/steps.sh [--keep-going] 'GATE [ARGUMENT...]'...     e.g. ci/steps.sh fmt 'fuzz 60'
# exit: 0 when all pass; 1 at the first failure, or at the end with --keep-going
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

keep_going=
if [ "${1:-}" = --keep-going ]; then
  keep_going=1
  shift
fi

# Panics on purpose, of which there are many, print a line each and no more. What each build would leave
# for the next one takes more room than the programs, and is used by none.
export RUST_BACKTRACE=0 CARGO_INCREMENTAL=0

table=() failed=()
summary() {
  printf '\n%8s  %-6s  %s\n' seconds result gate
  printf '%s\n' "${table[@]}"
  printf '%8d  %-6s  %s\n' "$SECONDS" "" "all together"
}

for step in "$@"; do
  read -r gate arguments <<<"$step"
  printf '\n=== %s\n' "$step"
  begin=$SECONDS result=ok
  # shellcheck disable=SC2086  # a list of arguments
  bash "ci/$gate.sh" $arguments </dev/null || result=FAILED
  table+=("$(printf '%8d  %-6s  %s' $((SECONDS - begin)) "$result" "$step")")
  [ "$result" = ok ] && continue
  failed+=("ci/$step")
  [ -n "$keep_going" ] || break
done

summary
[ ${#failed[@]} -eq 0 ] && exit 0
printf '\nFAILED, and repeated by hand with: %s\n' "${failed[@]/#/bash }"
exit 1
