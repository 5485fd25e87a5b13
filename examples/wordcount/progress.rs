//! A progress bar on standard error, drawn only if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that disappears when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn of_files(files: usize) -> Self {
        Self::new(files, "reading  {wide_bar} {pos}/{len} files")
    }

    pub(crate) fn of_bytes(bytes: usize) -> Self {
        Self::new(bytes, "{msg:24} {wide_bar} {binary_bytes_per_sec} {eta}")
    }

    fn new(length: usize, template: &str) -> Self {
        let style = ProgressStyle::with_template(template).expect("a template of this file");
        Progress(ProgressBar::new(length as u64).with_style(style))
    }

    /// Names what is going on.
    pub(crate) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Adds what was done; from any thread, once a chunk.
    pub(crate) fn add(&self, done: usize) {
        self.0.inc(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
