//! The command line, and the folders that are read when it names none.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;

use clap::error::ErrorKind as ClapError;
use clap::{CommandFactory, Parser, value_parser};

/// Count words with threads that share one lock-free map, and compare with counting alone.
#[derive(Debug, Parser)]
#[command(name = "wordcount", version)]
pub(crate) struct Arguments {
    /// Files and folders to read [default: this repository and the sources cargo has fetched]
    ///
    /// Folders are read whole; in them `.git`, `target` and everything that is neither a regular
    /// file nor a folder is skipped.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Threads of the shared count
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        value_parser = value_parser!(u16).range(1..=MOST_THREADS),
        default_value_t = processors()
    )]
    pub(crate) threads: u16,

    /// How many of the most frequent words to print
    #[arg(
        short = 'k',
        long,
        value_name = "K",
        default_value_t = 10,
        allow_negative_numbers = true
    )]
    pub(crate) top: usize,

    /// How many times to measure each of the three counts; medians are printed
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..), default_value_t = 3)]
    pub(crate) rounds: u16,

    /// Compare every shared count with the sequential one; exit with 1 if any word differs
    #[arg(long)]
    pub(crate) check: bool,

    /// Print the report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// A thread costs a stack; nothing here gets faster with more of them than this.
const MOST_THREADS: i64 = 1024;

impl Arguments {
    /// The paths to read; an error, made to be shown, if one that was named does not exist.
    pub(crate) fn roots(&self) -> Result<Vec<PathBuf>, clap::Error> {
        if self.paths.is_empty() {
            return Ok(default_roots());
        }
        for path in &self.paths {
            if is_missing(path) {
                let message = format!("PATH does not exist: {}", path.display());
                return Err(Self::command().error(ClapError::ValueValidation, message));
            }
        }
        Ok(self.paths.clone())
    }
}

/// True if there is certainly nothing at `path`; what merely cannot be looked at is reported later.
fn is_missing(path: &Path) -> bool {
    fs::metadata(path)
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

/// This repository, and the sources of the packages that cargo has unpacked for builds before.
fn default_roots() -> Vec<PathBuf> {
    let mut roots = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let sources = cargo_home().map(|home| home.join("registry").join("src"));
    roots.extend(sources.filter(|sources| sources.is_dir()));
    roots
}

/// Where cargo keeps what it fetches: the variable if it is set, else a folder of the user's home.
fn cargo_home() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty());
    set("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = set("HOME").or_else(|| set("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".cargo"))
    })
}

fn processors() -> u16 {
    let processors = thread::available_parallelism().map_or(1, |count| count.get());
    processors.min(MOST_THREADS as usize) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_path_the_repository_is_read() {
        let arguments = Arguments::parse_from(["wordcount"]);
        let roots = arguments.roots().unwrap();
        assert!(roots[0].join("Cargo.toml").is_file(), "{roots:?}");
    }
}
