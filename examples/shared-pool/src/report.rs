//! The report: who did what, what became of the pool, and the totals.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use crate::count::Counts;
use crate::pool::Pool;
use crate::workers::Row;

/// Who handled how much, and the pool.
pub(crate) fn table(out: &mut impl Write, rows: &[Row], pool: &Pool) -> io::Result<()> {
    writeln!(out, "{:<16}{:>8}{:>14}{:>18}", "who", "files", "bytes", "cancelled waits")?;
    for Row { who, files, bytes, cancelled } in rows {
        writeln!(out, "{who:<16}{files:>8}{bytes:>14}{cancelled:>18}")?;
    }
    let (size, most) = (pool.size(), pool.most_in_use());
    writeln!(out, "pool: {size} buffers, at most {most} in use at a time, all of them back")
}

/// What was counted.
pub(crate) fn totals(out: &mut impl Write, counts: &[Option<Counts>]) -> io::Result<()> {
    let mut total = Counts::default();
    counts.iter().flatten().for_each(|counts| total.append(counts));
    let files = counts.iter().flatten().count();
    let Counts { lines, words, bytes, .. } = total;
    let checksum = total.checksum();
    writeln!(
        out,
        "total: {files} files, {lines} lines, {words} words, {bytes} bytes, CRC-32 {checksum:08x}"
    )
}

/// What `--check` found, if it was asked for.
pub(crate) fn check(out: &mut impl Write, differing: Option<&[Arc<Path>]>) -> io::Result<()> {
    match differing {
        None => Ok(()),
        Some([]) => writeln!(out, "check: a sequential count agrees, file by file"),
        Some(files) => files.iter().try_for_each(|path| {
            writeln!(out, "check: a sequential count of {} differs", path.display())
        }),
    }
}
