//! Where and when a report was measured: processor, system, compiler, commit, date, and the
//! versions of the peers.

use std::path::Path;
use std::process::Command;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, RefreshKind, System};

/// What a reader must know to judge the figures.
#[derive(Serialize)]
pub struct Machine {
    /// The model of the processor.
    pub processor: String,
    /// The processors that the system offers.
    pub cores: usize,
    /// The processes that wanted a processor in the minute before the run: 0 on a quiet machine.
    pub load: f64,
    /// The operating system and its kernel.
    pub system: String,
    /// The compiler.
    pub compiler: &'static str,
    /// The commit of the working tree, marked if the tree has changes.
    pub commit: String,
    /// When the run began.
    pub date: String,
    /// The versions of the peers, as the lockfile has them.
    pub peers: Vec<String>,
}

impl Machine {
    /// This machine, now.
    pub fn current() -> Machine {
        let cpus = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing());
        let system = System::new_with_specifics(cpus);
        Machine {
            processor: system.cpus().first().map_or("unknown", |cpu| cpu.brand()).to_owned(),
            cores: system.cpus().len(),
            load: System::load_average().one,
            system: format!(
                "{}, {}",
                System::long_os_version().unwrap_or_else(|| "unknown system".to_owned()),
                System::kernel_long_version(),
            ),
            compiler: env!("BENCH_RUSTC"),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            peers: peers(),
        }
    }
}

/// The short hash of the commit, with `+changes` if tracked files differ; none outside git.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    };
    let hash = git(&["rev-parse", "--short", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { hash } else { format!("{hash}+changes") })
}

fn peers() -> Vec<String> {
    const LOCKFILE: &str = include_str!("../../Cargo.lock");
    let names = [
        "crossbeam-queue",
        "concurrent-queue",
        "rtrb",
        "crossbeam-deque",
        "st3",
        "papaya",
        "dashmap",
        "scc",
        "crossbeam-epoch",
        "seize",
        "parking_lot",
        "spin",
        "saa",
        "async-lock",
        "tokio",
    ];
    let version = |name: &str| {
        let entry = format!("name = \"{name}\"\nversion = \"");
        let (_, rest) = LOCKFILE.split_once(&entry)?;
        let (version, _) = rest.split_once('"')?;
        Some(format!("{name} {version}"))
    };
    names.into_iter().filter_map(version).collect()
}
