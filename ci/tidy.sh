#!/usr/bin/env bash
# tidy.sh - what no compiler checks: files open with what they are, stay readable in length, explain
# each memory ordering, hold no stub and no skipped test, and link to files that exist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

shopt -s lastpipe # so that `report` counts what it is fed
found=0
# report TEXT: the lines on standard input, if any, are wrong in the way of TEXT.
report() {
  local lines
  lines=$(cat)
  [ -n "$lines" ] || return 0
  printf '%s:\n%s\n' "$1" "$lines"
  found=1
}

mapfile -t rust < <(git ls-files --cached --others --exclude-standard -- '*.rs')
mapfile -t texts < <(git ls-files --cached --others --exclude-standard -- \
  '*.rs' '*.sh' '*.md' '*.toml' '*.x' .ci/run)

for file in "${rust[@]}"; do
  grep -m 1 -v '^#!\[[^d]' "$file" | grep -qE '^(//!|#!\[doc = )' || echo "$file"
done | report "does not open with what it is (//!)"
for file in "${rust[@]}"; do
  lines=$(wc -l <"$file")
  [ "$lines" -lt 600 ] || echo "$file: $lines lines"
done | report "too long: it holds more than one idea"
for script in ci/*.sh .ci/run; do
  sed -n 2p "$script" | grep -q '^# ' || [ "$script" = ci/needs.sh ] || echo "$script"
  bash -n "$script" || echo "$script"
  [ -x "$script" ] || [ "$script" = ci/needs.sh ] || echo "$script: not executable"
done | report "a script without its opening comment, its mode, or its syntax"

(grep -nE '(todo|unimplemented|dbg)!\(|FIXME|XXX|#\[ignore|```.*ignore' "${rust[@]}" |
  grep -v '^tests/floors.rs' || true) | report "a stub, or a skipped test"
(grep -nE '[[:blank:]]+$' "${texts[@]}" || true) | report "blanks at the end of a line"
(grep -nP '\t' "${rust[@]}" || true) | report "a tab"
for file in "${texts[@]}"; do
  [ -z "$(tail -c 1 "$file")" ] || echo "$file"
done | report "no newline at the end"

# An ordering, and no comment in the eight lines above that speaks of orders, nor one that speaks for
# the rest of its function. (An arm of a match translates an ordering, it does not choose one.)
awk '
  FNR == 1 { explained = -9; tests = 0; below = 0 }
  /^[[:blank:]]*(pub(\([a-z]+\))? )?(const |unsafe )*fn / { below = 0 }
  /#\[cfg\((all\()?test/ { tests = 1 }
  /^[[:blank:]]*\/\// {
    if (tolower($0) ~ /acquire|release|relaxed|acqrel|seqcst|order|fence|\[p[0-9]/) explained = FNR
    if (/here and below/) below = 1
    next
  }
  !tests && !below && !/=>/ && /Ordering::(Relaxed|Acquire|Release|AcqRel|SeqCst)/ && FNR - explained > 8 {
    print FILENAME ":" FNR ": " $0
  }' $(git ls-files --cached --others --exclude-standard -- 'src/*.rs') |
  report "a memory ordering that nothing explains"

# Links of Markdown files to files.
while IFS=: read -r file link; do
  path=$(dirname "$file")/${link%%#*}
  [ -e "$path" ] || echo "$file: $link"
done < <(grep -oHE '\]\([^)]+\)' $(git ls-files -- '*.md') /dev/null |
  sed -E 's/\]\((.*)\)$/\1/' | grep -vE ':(https?:|#)') |
  report "a link to a file that does not exist"

[ "$found" = 0 ] || fail "see above"
