# needs.sh - what the gates need beside Rust itself; sourced by them, never run.
#
# Everything comes from the package managers (Debian's packages, crates.io). What is already
# present is left alone; what cannot be installed is named, and the gate fails.
# shellcheck shell=bash

# Where cargo builds; absolute, since some gates build from another folder.
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "neither root nor sudo, to run: $*"
  fi
}

# Reads Debian's package lists anew, at most once per script.
apt_update() {
  [ -z "${apt_updated:-}" ] || return 0
  as_root apt-get update -q >/dev/null || fail "'apt-get update' failed"
  apt_updated=1
}

# need_apt PACKAGE...: has Debian's packages installed.
need_apt() {
  local missing=() package
  command -v dpkg-query >/dev/null || fail "not a Debian system: install what these packages hold: $*"
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  apt_update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -qy --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "cannot install Debian's packages: ${missing[*]}"
}

# need_cargo SUBCOMMAND: has `cargo SUBCOMMAND`, from crates.io.
need_cargo() {
  cargo "$1" --version >/dev/null 2>&1 && return 0
  cargo install -q --locked "cargo-$1" || fail "cannot install cargo-$1"
}

# need_component BINARY COMPONENT: has a part of the toolchain that a minimal one leaves out.
need_component() {
  command -v "$1" >/dev/null && "$1" --version >/dev/null 2>&1 && return 0
  command -v rustup >/dev/null && rustup component add "$2" && return 0
  fail "this Rust toolchain has no $2"
}

# From here on cargo is Debian's, the one whose library source is a package (`rust-web-src`), so
# that `-Zbuild-std` builds core and std for targets and flags that no binary is shipped for.
# `debian_llvm` is then the major version of its LLVM.
use_debian_rust() {
  need_apt rustc-web cargo-web rust-web-src
  unset RUSTUP_TOOLCHAIN
  export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
  cargo() { /usr/bin/cargo "$@"; }
  [ -f "$("$RUSTC" --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] ||
    fail "the package rust-web-src does not fit rustc-web: no library source"
  debian_llvm=$("$RUSTC" -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
}

# use_sanitizer thread|address: Debian's cargo instruments our code, what we depend on and std.
# The caller passes `-Zbuild-std --target "$host"`, so that build scripts stay as they are.
use_sanitizer() {
  use_debian_rust
  need_apt "libclang-rt-$debian_llvm-dev" "llvm-$debian_llvm" g++
  host=$("$RUSTC" -vV | sed -n 's/^host: //p')
  local name=$1 arch=${host%%-*} runtime
  [ "$name" = thread ] && name=tsan || name=asan
  runtime=/usr/lib/llvm-$debian_llvm/lib/clang/$debian_llvm/lib/linux/libclang_rt.$name-$arch.a
  [ -f "$runtime" ] || fail "no run-time of the $1 sanitizer: $runtime"
  # The run-time comes first on the link line, whole, as rustc does with a run-time of its own.
  RUSTFLAGS="-Zsanitizer=$1 -Zexternal-clangrt"
  RUSTFLAGS+=" -Zpre-link-args=-Wl,--whole-archive,$runtime,--no-whole-archive"
  export RUSTFLAGS RUSTDOCFLAGS="$RUSTFLAGS" CARGO_TARGET_DIR="$target/$name"
  symbolizer=/usr/lib/llvm-$debian_llvm/bin/llvm-symbolizer
}
