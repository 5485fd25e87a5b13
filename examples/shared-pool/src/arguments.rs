//! The command line, and the folder that is read when it names none.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind as ClapError;
use clap::{CommandFactory, Parser, value_parser};

/// Count the lines, words and bytes of files, with threads and tasks that share one pool of buffers.
#[derive(Debug, Parser)]
#[command(name = "shared-pool", version)]
pub(crate) struct Arguments {
    /// Files and folders to read [default: the source of this library]
    ///
    /// Folders are read whole; in them `.git`, `target` and everything that is neither a regular
    /// file nor a folder is skipped.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Buffers of the pool, and so files that are open at a time
    #[arg(short = 'k', long, value_name = "K", value_parser = value_parser!(u16).range(1..=1024), default_value_t = 3)]
    pub(crate) buffers: u16,

    /// Threads, and tasks on each of the two executors
    #[arg(short = 'n', long, value_name = "N", value_parser = value_parser!(u16).range(1..=256), default_value_t = 4)]
    pub(crate) workers: u16,

    /// Compare every file with a sequential count; exit with 1 if any differs
    #[arg(long)]
    pub(crate) check: bool,
}

impl Arguments {
    /// The paths to read; an error, made to be shown, if one that was named does not exist.
    pub(crate) fn roots(&self) -> Result<Vec<PathBuf>, clap::Error> {
        if self.paths.is_empty() {
            return Ok(vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src")]);
        }
        match self.paths.iter().find(|path| is_missing(path)) {
            Some(path) => {
                let message = format!("PATH does not exist: {}", path.display());
                Err(Self::command().error(ClapError::ValueValidation, message))
            }
            None => Ok(self.paths.clone()),
        }
    }
}

/// True if there is certainly nothing at `path`; what merely cannot be looked at is reported later.
fn is_missing(path: &Path) -> bool {
    fs::metadata(path)
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_a_path_the_library_is_read() {
        let roots = Arguments::parse_from(["shared-pool"]).roots().unwrap();
        assert!(roots[0].join("lib.rs").is_file(), "{roots:?}");
    }
}
