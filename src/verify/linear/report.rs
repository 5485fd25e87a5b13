//! The assertion: a history is linearizable, or a panic says why not and where it is drawn.

use super::{
    super::{history::History, spec::SequentialSpec},
    Checker, Counterexample, Verdict,
};
use core::{
    hash::{Hash, Hasher},
    panic::Location,
};
use std::{env, fs, hash::DefaultHasher, io, path::PathBuf};

/// Asserts that a history is linearizable, with the usual settings of a [`Checker`].
///
/// # Panics
/// When it is not: with the explanation, the timeline as text, and the names of an HTML page and an
/// SVG picture of it. They are in the folder that the variable `COUNTERPOINT_REPORTS` names, else in
/// `target/verify` if there is a folder `target`, else in `counterpoint` under the folder of
/// temporary files. And when it cannot be decided.
#[track_caller]
pub fn assert_linearizable<S: SequentialSpec>(
    spec: &S,
    history: &History<S::Operation, S::Result>,
) {
    match Checker::new(spec).check(history) {
        Verdict::Linearizable(_) => {}
        Verdict::Violation(counterexample) => {
            let drawn = match write(&counterexample, Location::caller()) {
                Ok([page, picture]) => {
                    format!("drawn in {} and {}", page.display(), picture.display())
                }
                Err(why) => format!("it could not be drawn: {why}"),
            };
            panic!("not linearizable: {counterexample}\n{drawn}\n")
        }
        Verdict::Unknown(why) => {
            panic!("whether the {} calls are linearizable was not decided: {why}", history.len())
        }
    }
}

/// Writes a page and a picture. The same counterexample of the same place has the same names.
fn write<O, R>(
    counterexample: &Counterexample<O, R>,
    caller: &Location<'_>,
) -> io::Result<[PathBuf; 2]> {
    let timeline = counterexample.timeline();
    let (page, picture) = (timeline.html(), timeline.svg());
    let mut hasher = DefaultHasher::new();
    page.hash(&mut hasher);
    let file = caller.file().rsplit(['/', '\\']).next().unwrap_or("history");
    let stem = file.trim_end_matches(".rs");
    let name = format!("{stem}-{}-{:08x}", caller.line(), hasher.finish() as u32);
    let folder = folder();
    fs::create_dir_all(&folder)?;
    let paths = ["html", "svg"].map(|kind| folder.join(format!("{name}.{kind}")));
    fs::write(&paths[0], page)?;
    fs::write(&paths[1], picture)?;
    Ok(paths)
}

/// Where what is drawn goes.
pub(in crate::verify) fn folder() -> PathBuf {
    if let Some(folder) = env::var_os("COUNTERPOINT_REPORTS") {
        return folder.into();
    }
    let target = PathBuf::from("target");
    if target.is_dir() { target.join("verify") } else { env::temp_dir().join("counterpoint") }
}
