#!/usr/bin/env bash
# msrv.sh - the library builds with the very toolchain that `rust-version` in Cargo.toml promises.
#
# Debian carries that toolchain as packages of an older version. They are unpacked beneath the
# target folder, not installed: the newer ones that other gates use stay as they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. ci/needs.sh

msrv=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
[ -n "$msrv" ] || fail "Cargo.toml states no rust-version"
home=$target/msrv/toolchain-$msrv

# What the unpacked programs load at run time.
need_apt libllvm19 libcurl4 libhttp-parser2.9 libssh2-1 libsqlite3-0 libpcre3

version() { apt-cache madison rustc-web | awk -v v="$msrv." 'index($3, v) == 1 { print $3; exit }'; }

if [ ! -x "$home/usr/bin/cargo" ]; then
  deb=$(version)
  if [ -z "$deb" ]; then
    apt_update
    deb=$(version)
  fi
  [ -n "$deb" ] || fail "Debian's packages hold no rustc-web $msrv"
  rm -rf "$home.new"
  mkdir -p "$home.new"
  (
    cd "$home.new"
    apt-get download -q "rustc-web=$deb" "cargo-web=$deb" "libstd-rust-web-$msrv=$deb" \
      "libstd-rust-web-dev=$deb" 2>&1 | grep -v unsandboxed
    for package in *.deb; do dpkg -x "$package" .; done
    rm ./*.deb
  ) || fail "cannot download Rust $msrv"
  mv "$home.new" "$home"
fi

unset RUSTUP_TOOLCHAIN
LD_LIBRARY_PATH=$(dirname "$(find "$home/usr/lib" -name 'librustc_driver-*.so' | head -n 1)")
export LD_LIBRARY_PATH RUSTC="$home/usr/bin/rustc" CARGO_TARGET_DIR="$target/msrv"
"$RUSTC" --version | grep -qF "rustc $msrv." || fail "$RUSTC is not Rust $msrv"
# Every feature but `shuttle` and `lock_api-0_5`, whose crates ask for a newer Rust.
every=$(sed -n '/^\[features\]/,/^\[dep/s/^\([a-z0-9_-]*\) = .*/\1/p' Cargo.toml |
  grep -vxE 'shuttle|lock_api-0_5' | paste -sd,)
for features in "" "--features $every" "--no-default-features" \
  "--no-default-features --features critical-section,portable"; do
  echo "$("$RUSTC" --version), cargo check --lib $features"
  # shellcheck disable=SC2086  # a list of arguments
  "$home/usr/bin/cargo" check -q --locked --lib $features
done
