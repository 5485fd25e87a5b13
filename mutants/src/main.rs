//! Breaks counterpoint on purpose and looks which check notices: each memory ordering one step
//! weaker, and each patch of `patches/`.
//!
//! A copy of the sources, in which every ordering asks the environment whether it is the one to be
//! weakened, is built once; so a mutant costs a run of a test, not a build. Patches cost a build each.
//!
//! | file | what |
//! |---|---|
//! | `checks.toml` | by hand: which checks name which files |
//! | `patches/` | by hand: the logic that is broken |
//! | `proofs.toml`, `ordering.md` | by hand: why a mutant that survives is none; the text around the tables |
//! | `ledger.toml`, `../docs/ORDERING.md` | written: what became of each mutant |
//!
//! A run fails when a mutant survives that the ledger calls killed, when a check fails without any
//! mutant, when something does not build or a patch does not apply, and when the document is not what
//! the sources and the ledger say.

mod document;
mod judge;
mod ledger;
mod lists;
mod order;
mod plan;
mod programs;
mod rewrite;
mod sites;
mod tree;

use clap::Parser;
use judge::{Judge, Judged, Scratch};
use ledger::{Ledger, Verdict};
use lists::Proofs;
use plan::{Kind, Plan};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

/// Breaks counterpoint on purpose and looks which check notices.
#[derive(Debug, Parser)]
struct Arguments {
    /// Tries mutants in a random order for so many seconds, each by the check that killed it last
    /// time; without, all by all checks that name them.
    seconds: Option<u64>,
    /// Writes mutants/ledger.toml and docs/ORDERING.md.
    #[arg(long)]
    write: bool,
    /// Only the mutants whose name holds this.
    #[arg(long)]
    only: Option<String>,
    /// Repeats the order of a sample.
    #[arg(long, env = "COUNTERPOINT_SEED")]
    seed: Option<u64>,
    /// Names all mutants, and runs none.
    #[arg(long)]
    list: bool,
    /// Runs none: writes, or compares, docs/ORDERING.md.
    #[arg(long)]
    text: bool,
    /// The repository.
    #[arg(long, default_value = ".")]
    repository: PathBuf,
    /// Where to copy to.
    #[arg(long, default_value = "target/mutants")]
    folder: PathBuf,
    /// Where cargo builds the copies; it may hold what else they need from other builds.
    #[arg(long, default_value = "target")]
    build: PathBuf,
}

struct Record {
    ledger: Ledger,
    proofs: Proofs,
    text: String,
}

impl Record {
    fn read(home: &Path) -> Result<Self, String> {
        let text = home.join("ordering.md");
        Ok(Record {
            ledger: lists::read(&home.join("ledger.toml"))?,
            proofs: lists::read(&home.join("proofs.toml"))?,
            text: fs::read_to_string(&text)
                .map_err(|error| format!("{}: {error}", text.display()))?,
        })
    }

    /// Compares the document with what it should be, or writes it.
    fn document(&self, plan: &Plan, repository: &Path, write: bool) -> Result<(), String> {
        let path = repository.join("docs/ORDERING.md");
        let wanted = document::render(plan, &self.ledger, &self.proofs, &self.text);
        let wanted = wanted.map_err(|error| format!("{error}; run ci/mutants.sh --write"))?;
        if write {
            return fs::write(&path, wanted).map_err(|error| error.to_string());
        }
        if fs::read_to_string(&path).is_ok_and(|there| there == wanted) {
            return Ok(());
        }
        Err("docs/ORDERING.md is not what the sources say; run ci/mutants.sh --write".to_owned())
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mutants: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let begin = Instant::now();
    let repository = fs::canonicalize(&arguments.repository).map_err(|error| error.to_string())?;
    let home = repository.join("mutants");
    let plan = Plan::read(&repository)?;
    if arguments.list {
        plan.names().iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    let mut record = Record::read(&home)?;
    if arguments.text || (!arguments.write && arguments.only.is_none()) {
        record.document(&plan, &repository, arguments.write)?;
    }
    if arguments.text {
        return Ok(());
    }
    let scratch = Scratch { copies: folder(&arguments.folder)?, build: folder(&arguments.build)? };
    judge::patches_apply(&plan, &scratch)?;

    let mut chosen = choose(&plan, arguments)?;
    let time = arguments.seconds.map(Duration::from_secs);
    if time.is_some() {
        let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
        println!("a sample in the order of COUNTERPOINT_SEED={seed}");
        fastrand::Rng::with_seed(seed).shuffle(&mut chosen);
        // What is known to survive needs no second look in a sample.
        chosen.retain(|place| {
            record.ledger.get(&plan.mutants[*place].name) != Some(&Verdict::Survived)
        });
    }
    let judged = judge_all(&plan, &record.ledger, &chosen, scratch, time)?;
    println!(
        "{} of {} mutants in {} s",
        judged.len(),
        plan.mutants.len(),
        begin.elapsed().as_secs()
    );
    let wrong = wrongs(&plan, &record, &judged, arguments.write);
    if arguments.write {
        for (place, verdict) in judged {
            if let Ok(verdict) = verdict {
                record.ledger.set(&plan.mutants[place].name, verdict);
            }
        }
        record.ledger.keep(&plan.names());
        record.ledger.write(&home.join("ledger.toml"))?;
        record.document(&plan, &repository, true)?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("\n  {}", wrong.join("\n  "))) }
}

/// A folder, made if it is not there.
fn folder(path: &Path) -> Result<PathBuf, String> {
    let made = fs::create_dir_all(path).and_then(|()| fs::canonicalize(path));
    made.map_err(|error| format!("{}: {error}", path.display()))
}

/// The places of the mutants that are asked for.
fn choose(plan: &Plan, arguments: &Arguments) -> Result<Vec<usize>, String> {
    let asked = |name: &str| arguments.only.as_ref().is_none_or(|only| name.contains(only));
    let chosen: Vec<usize> =
        (0..plan.mutants.len()).filter(|place| asked(&plan.mutants[*place].name)).collect();
    if chosen.is_empty() { Err("no mutant has such a name".to_owned()) } else { Ok(chosen) }
}

/// Judges the orderings, then the patches; a sample leaves half of its time to these. The time counts from
/// where the programs are built, however long that takes.
fn judge_all(
    plan: &Plan,
    ledger: &Ledger,
    chosen: &[usize],
    scratch: Scratch,
    time: Option<Duration>,
) -> Result<Vec<Judged>, String> {
    let mut judge = Judge::new(plan, ledger, chosen, scratch)?;
    judge.shortcut = time.is_some();
    let is_logic = |place: &usize| matches!(plan.mutants[*place].kind, Kind::Logic { .. });
    let (logic, orderings): (Vec<usize>, Vec<usize>) = chosen.iter().partition(|p| is_logic(p));
    let begin = Instant::now();
    judge.end = time.map(|time| begin + if logic.is_empty() { time } else { time / 2 });
    let mut judged = judge.orderings(&orderings);
    judge.end = time.map(|time| begin + time);
    judged.extend(judge.logic(&logic)?);
    judged.sort_by_key(|(place, _)| *place);
    Ok(judged)
}

/// What is not as it should be.
fn wrongs(plan: &Plan, record: &Record, judged: &[Judged], write: bool) -> Vec<String> {
    let mut wrongs = Vec::new();
    if judged.is_empty() {
        wrongs.push("no mutant was tried".to_owned());
    }
    for (place, verdict) in judged {
        let name = &plan.mutants[*place].name;
        let is_proved = record.proofs.proof.iter().any(|proof| proof.mutant == *name);
        match (verdict, record.ledger.get(name)) {
            (Err(error), _) => wrongs.push(format!("{name}: {error}")),
            (Ok(Verdict::Survived), _) if !is_proved => wrongs.push(format!("{name}: SURVIVED")),
            (Ok(Verdict::Survived), Some(Verdict::Killed { check, .. })) if !write => {
                wrongs.push(format!("{name}: survives what killed it, {check}"));
            }
            (Ok(Verdict::Killed { check, .. }), Some(Verdict::Survived)) if !write => {
                wrongs.push(format!("{name}: is killed by {check}, and needs no proof"));
            }
            _ => {}
        }
    }
    wrongs
}
