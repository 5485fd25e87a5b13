#!/usr/bin/env bash
# deep.sh - the long checks, for hours rather than minutes; all run, also when one fails.
exec bash "$(dirname "${BASH_SOURCE[0]}")/steps.sh" --keep-going \
  'models deep' mutants 'asan 7 --features verify' 'tsan 20 --features verify' \
  'fuzz 600' epoch_loom miri coverage
