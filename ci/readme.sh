#!/usr/bin/env bash
# readme.sh - the two commands at the top of the README do what it says, and the exit codes of
# `wordcount --check` mean what its help says.
#
# The commands are read out of the README: the lines of its first fenced blocks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

mapfile -t commands < <(awk '
  /^```/ { inside = !inside; next }
  inside && /^(\$ )?cargo / { sub(/^\$ /, ""); print; if (++n == 2) exit }' README.md)
[ ${#commands[@]} -eq 2 ] || fail "README.md does not open with two commands in fenced blocks"
for command in "${commands[@]}"; do
  echo "README: $command"
  bash -c "$command" </dev/null || fail "the README's command failed: $command"
done

# expect CODE ARGUMENT...: how `wordcount` ends.
expect() {
  local code=0 want=$1
  shift
  cargo run -q --release --example wordcount -- "$@" </dev/null || code=$?
  [ "$code" = "$want" ] || fail "'wordcount $*' exited $code, not $want"
  echo "wordcount $*: exit $code, as documented"
}
expect 0 --check src
expect 2 --check "no such path"
