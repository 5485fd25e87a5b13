//! Builds test programs and runs one test of them.

use crate::{lists::Check, tree::Tree};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Every backend and both passes of every model.
const FEATURES: &str = "loom,critical-section";

/// Test programs by the name of their target; `lib` is the crate's own tests.
pub(crate) struct Programs {
    paths: BTreeMap<String, PathBuf>,
    /// Whether all of them were compiled, rather than found compiled.
    are_new: bool,
}

/// What came of one run of one test.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed(Duration),
    /// What the test said.
    Failed(String),
    TimedOut(Duration),
}

impl Programs {
    /// Builds those of a tree.
    pub(crate) fn build(
        tree: &Tree,
        target: &Path,
        names: &BTreeSet<String>,
    ) -> Result<Self, String> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["test", "--quiet", "--no-run", "--locked", "--features", FEATURES])
            .arg("--message-format=json-render-diagnostics")
            .env("CARGO_TARGET_DIR", target)
            .current_dir(tree.root());
        for name in names {
            match name.as_str() {
                "lib" => drop(cargo.arg("--lib")),
                name => drop(cargo.args(["--test", name])),
            }
        }
        let output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} does not build:\n{said}", tree.root().display()));
        }
        let (mut paths, mut are_new) = (BTreeMap::new(), true);
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            let Some(program) = message["executable"].as_str() else { continue };
            are_new &= message["fresh"] == false;
            let kind = message["target"]["kind"][0].as_str();
            let name =
                if kind == Some("lib") { Some("lib") } else { message["target"]["name"].as_str() };
            if let (Some(name), true) = (name, message["profile"]["test"] == true) {
                paths.insert(name.to_owned(), PathBuf::from(program));
            }
        }
        match names.iter().find(|name| !paths.contains_key(*name)) {
            Some(name) => Err(format!("cargo built no test program {name}")),
            None => Ok(Programs { paths, are_new }),
        }
    }

    pub(crate) fn are_new(&self) -> bool {
        self.are_new
    }

    /// The tests of each program.
    pub(crate) fn tests(&self) -> Result<BTreeSet<Check>, String> {
        let mut tests = BTreeSet::new();
        for (name, program) in &self.paths {
            let listed = crate::tree::run(Command::new(program).arg("--list"))?;
            let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
            tests.extend(names.map(|test| Check { program: name.clone(), test: test.to_owned() }));
        }
        Ok(tests)
    }

    /// Runs a test, with a mutant or without. `scratch` is a file for what it says.
    pub(crate) fn run(
        &self,
        check: &Check,
        mutant: Option<&str>,
        limit: Duration,
        scratch: &Path,
    ) -> Result<Outcome, String> {
        let program = self.paths.get(&check.program);
        let program = program.ok_or_else(|| format!("{check}: its program was not built"))?;
        let said = |error| format!("{}: {error}", scratch.display());
        let output = fs::File::create(scratch).map_err(said)?;
        let mut command = Command::new(program);
        command
            .args([check.test.as_str(), "--exact", "--test-threads=1"])
            .env_remove("COUNTERPOINT_MUTANT")
            .env_remove("COUNTERPOINT_MODEL_DEEP")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(output.try_clone().map_err(said)?)
            .stdout(output);
        if let Some(mutant) = mutant {
            command.env("COUNTERPOINT_MUTANT", mutant);
        }
        let begin = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
                break status;
            }
            if begin.elapsed() > limit {
                let killed = child.kill().and_then(|()| child.wait());
                killed.map_err(|error| format!("{check} cannot be ended: {error}"))?;
                return Ok(Outcome::TimedOut(limit));
            }
            thread::sleep(Duration::from_millis(5));
        };
        let text = fs::read(scratch).map_err(said)?;
        judge(check, status, &String::from_utf8_lossy(&text), begin.elapsed())
    }
}

/// The exit status and what was printed must say the same.
fn judge(check: &Check, status: ExitStatus, text: &str, took: Duration) -> Result<Outcome, String> {
    let test = &check.test;
    let says = |line: &str| text.lines().any(|found| found.starts_with(line));
    if !says("running 1 test") {
        return Err(format!("{check} ran no test:\n{text}"));
    }
    if status.success() && says("test result: ok. 1 passed") {
        return Ok(Outcome::Passed(took));
    }
    match status.signal() {
        // SIGABRT, SIGSEGV: a panic in a destructor, or memory that is no longer there. Any other
        // one came from outside.
        Some(6) => return Ok(Outcome::Failed("the program aborted".to_owned())),
        Some(11) => return Ok(Outcome::Failed("a segmentation fault".to_owned())),
        _ => {}
    }
    if status.code() == Some(101) && text.contains(&format!("\n    {test}\n")) {
        return Ok(Outcome::Failed(reason(text)));
    }
    Err(format!("{check}: {status}, which is neither a pass nor a failure:\n{text}"))
}

/// What a failed test said: the model and its pass, else the first line of its panic.
fn reason(text: &str) -> String {
    let model = text.lines().find_map(|line| {
        let (_, model) = line.split_once("model ")?;
        let (name, rest) = model.split_once(" [")?;
        let (pass, rest) = rest.split_once(']')?;
        // A pass that has ended well says how many iterations it had.
        (!rest.contains(" iterations, ")).then(|| format!("{name} [{pass}]"))
    });
    let panic = || {
        let mut lines = text.lines().skip_while(|line| !line.contains("panicked at "));
        lines.nth(1).map(|line| line.chars().take(80).collect())
    };
    model.or_else(panic).unwrap_or_else(|| "it failed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_model_and_the_pass_that_failed() {
        let text = "model a: b, epoch [interleavings]: 7 iterations, complete, 2 outcomes\n\
            thread 'x' panicked at loom-tests/a.rs:1:\n\
            model a: b, epoch [weak], iteration 5: Causality violation\n";
        assert_eq!(reason(text), "a: b, epoch [weak]");
        assert_eq!(reason("thread 'x' panicked at a.rs:1:\nleft is right\n"), "left is right");
    }

    #[test]
    fn a_run_without_its_test_or_with_two_stories_is_an_error() {
        let check = Check::try_from("a::b".to_owned()).unwrap();
        let judged =
            |code: i32, text| judge(&check, ExitStatus::from_raw(code), text, Duration::ZERO);
        assert!(judged(0, "running 0 tests\ntest result: ok. 0 passed").is_err());
        assert!(judged(101 << 8, "running 1 test\ntest result: ok. 1 passed").is_err());
        assert!(judged(0, "running 1 test\nfailures:\n    b\n").is_err());
        let passed = judged(0, "running 1 test\ntest result: ok. 1 passed; 0 failed");
        assert!(matches!(passed, Ok(Outcome::Passed(_))));
        let failed = judged(101 << 8, "running 1 test\nfailures:\n    b\n\ntest result: FAILED");
        assert!(matches!(failed, Ok(Outcome::Failed(_))));
        assert!(matches!(judged(6, "running 1 test\n"), Ok(Outcome::Failed(_))));
        assert!(judged(9, "running 1 test\n").is_err());
    }
}
