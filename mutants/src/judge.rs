//! Runs the checks of mutants. A check counts only where it passes without the mutant, in the same
//! programs, in the same run.

use crate::{
    ledger::{Ledger, Verdict},
    lists::Check,
    plan::{Kind, Mutant, Plan},
    programs::{Outcome, Programs},
    rewrite,
    tree::Tree,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A mutated test that runs ten times as long as without the mutant, and at least for so long, does
/// not end.
const PATIENCE: Duration = Duration::from_secs(60);

/// For a test without a mutant.
const LONGEST: Duration = Duration::from_secs(1200);

type Baseline = Arc<OnceLock<Result<Duration, String>>>;

/// Where a run works.
pub(crate) struct Scratch {
    /// Where the copies lie.
    pub(crate) copies: PathBuf,
    /// Where cargo builds them.
    pub(crate) build: PathBuf,
}

/// What a run of mutants needs.
pub(crate) struct Judge<'r> {
    pub(crate) plan: &'r Plan,
    pub(crate) ledger: &'r Ledger,
    /// Whether the check that the ledger names is the only one tried.
    pub(crate) shortcut: bool,
    /// No mutant is begun later.
    pub(crate) end: Option<Instant>,
    /// The programs in which a run chooses an ordering's mutant, or none.
    programs: Programs,
    baselines: Mutex<BTreeMap<Check, Baseline>>,
    scratch: Scratch,
}

/// A mutant's place in the plan, and its verdict.
pub(crate) type Judged = (usize, Result<Verdict, String>);

impl<'r> Judge<'r> {
    /// Builds the programs.
    pub(crate) fn new(
        plan: &'r Plan,
        ledger: &'r Ledger,
        chosen: &[usize],
        scratch: Scratch,
    ) -> Result<Self, String> {
        let tree = Tree::new(&scratch.copies, "orderings");
        tree.set(&plan.switched)?;
        let mutants = || chosen.iter().map(|place| &plan.mutants[*place]);
        let programs = Programs::build(&tree, &scratch.build, &Plan::programs(mutants()))?;
        let tests = programs.tests()?;
        if let Some(missing) =
            mutants().flat_map(|mutant| &mutant.checks).find(|check| !tests.contains(check))
        {
            return Err(format!("there is no test {missing}"));
        }
        let baselines = Mutex::default();
        Ok(Judge { plan, ledger, shortcut: false, end: None, programs, baselines, scratch })
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn checks(&self, mutant: &'r Mutant) -> Vec<Check> {
        match self.ledger.get(&mutant.name) {
            Some(Verdict::Killed { check, .. })
                if self.shortcut && mutant.checks.contains(check) =>
            {
                vec![check.clone()]
            }
            _ => mutant.checks.clone(),
        }
    }

    /// How long a check takes without a mutant.
    fn baseline(&self, check: &Check, scratch: &Path) -> Result<Duration, String> {
        let baseline = {
            let mut all = self.baselines.lock().expect("no judge has panicked");
            all.entry(check.clone()).or_default().clone()
        };
        let measured =
            baseline.get_or_init(|| match self.programs.run(check, None, LONGEST, scratch)? {
                Outcome::Passed(took) => Ok(took),
                other => Err(format!("{check} fails without any mutant: {other:?}")),
            });
        measured.clone()
    }

    /// Runs the checks of a mutant until one kills it.
    fn verdict(
        &self,
        programs: &Programs,
        mutant: &'r Mutant,
        switch: Option<&str>,
        scratch: &Path,
    ) -> Result<Verdict, String> {
        for check in self.checks(mutant) {
            let took = self.baseline(&check, scratch)?;
            let limit = PATIENCE.max(took * 10);
            let how = match programs.run(&check, switch, limit, scratch)? {
                Outcome::Passed(_) => continue,
                Outcome::Failed(how) => how,
                Outcome::TimedOut(limit) => {
                    println!("  {check} took {took:.1?} without the mutant, now over {limit:.1?}");
                    "does not end in ten times its time, nor in 60 s".to_owned()
                }
            };
            return Ok(Verdict::Killed { check, how });
        }
        Ok(Verdict::Survived)
    }

    /// Judges mutants of orderings, as many at once as there are processors.
    pub(crate) fn orderings(&self, places: &[usize]) -> Vec<Judged> {
        let next = AtomicUsize::new(0);
        let judged = Mutex::new(Vec::new());
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for worker in 0..workers {
                let (next, judged) = (&next, &judged);
                scope.spawn(move || {
                    let scratch = self.scratch.copies.join(format!("said-{worker}.txt"));
                    // Relaxed: the lock orders what is found.
                    let take = || places.get(next.fetch_add(1, Ordering::Relaxed));
                    while let Some(&place) = take().filter(|_| !self.is_over()) {
                        let mutant = &self.plan.mutants[place];
                        let Kind::Ordering { site, weaker } = mutant.kind else { continue };
                        let choice = rewrite::choice(site, weaker);
                        let begin = Instant::now();
                        let verdict = self.verdict(&self.programs, mutant, Some(&choice), &scratch);
                        report(mutant, &verdict, begin);
                        judged.lock().expect("no judge has panicked").push((place, verdict));
                    }
                });
            }
        });
        judged.into_inner().expect("no judge has panicked")
    }

    /// Judges patches, one after the other, each in a build of its own.
    pub(crate) fn logic(&self, places: &[usize]) -> Result<Vec<Judged>, String> {
        let tree = Tree::new(&self.scratch.copies, "logic");
        let said = self.scratch.copies.join("said-0.txt");
        let mut judged = Vec::new();
        for &place in places.iter().filter(|_| !self.is_over()) {
            let mutant = &self.plan.mutants[place];
            let Kind::Logic { patch, .. } = &mutant.kind else { continue };
            let begin = Instant::now();
            tree.set(&self.plan.plain)?;
            let verdict = tree.patch(patch).and_then(|()| {
                let checks = self.checks(mutant);
                let names = checks.iter().map(|check| check.program.clone()).collect();
                let programs = Programs::build(&tree, &self.scratch.build, &names)?;
                if !programs.are_new() {
                    return Err("cargo built nothing: what would run is not the mutant".to_owned());
                }
                self.verdict(&programs, mutant, None, &said)
            });
            report(mutant, &verdict, begin);
            judged.push((place, verdict));
        }
        Ok(judged)
    }
}

/// Applies every patch to the sources as they are.
pub(crate) fn patches_apply(plan: &Plan, scratch: &Scratch) -> Result<(), String> {
    let tree = Tree::new(&scratch.copies, "logic");
    for mutant in &plan.mutants {
        let Kind::Logic { patch, .. } = &mutant.kind else { continue };
        tree.set(&plan.plain)?;
        let before = tree.files(&plan.plain)?;
        tree.patch(patch)?;
        if tree.files(&plan.plain)? == before {
            return Err(format!("{} changes nothing", mutant.name));
        }
    }
    Ok(())
}

fn report(mutant: &Mutant, verdict: &Result<Verdict, String>, begin: Instant) {
    let took = begin.elapsed();
    match verdict {
        Ok(verdict) => println!("{}: {verdict}, {took:.1?}", mutant.name),
        Err(error) => println!("{}: ERROR: {error}", mutant.name),
    }
}
