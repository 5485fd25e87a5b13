#!/usr/bin/env bash
# test.sh - unit, integration and doc tests and the examples, with the default features.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

cargo test --locked
