//! The example as its users meet it: the table, the totals, exit codes, and a pool that holds.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn shared_pool(arguments: &[&str], paths: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shared-pool"));
    command.args(arguments).args(paths).output().expect("the example starts")
}

/// What it prints, when all went well.
fn report(arguments: &[&str], paths: &[&Path]) -> String {
    let output = shared_pool(arguments, paths);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).expect("the report is text")
}

/// The numbers of the line that begins so.
fn numbers(report: &str, line: &str) -> Vec<u64> {
    let found = report.lines().find_map(|text| text.strip_prefix(line));
    let words = found.unwrap_or_else(|| panic!("no {line:?} in:\n{report}")).split([' ', ',']);
    words.filter_map(|word| word.parse().ok()).collect()
}

/// So many files of all sizes up to some buffers, in folders.
fn folder(files: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for number in 0..files {
        let inner = folder.path().join((number % 7).to_string());
        fs::create_dir_all(&inner).expect("a folder");
        fs::write(inner.join(number.to_string()), "two words\n".repeat(number * 5))
            .expect("a file");
    }
    folder
}

#[test]
fn all_three_share_the_work_and_the_totals_are_right() {
    let folder = folder(300);
    let report = report(&["--check"], &[folder.path()]);
    let lines: u64 = (0..300).map(|number| number * 5).sum();
    // The last number, the checksum, may look like a word or not.
    assert_eq!(numbers(&report, "total:")[..4], [300, lines, 2 * lines, 10 * lines]);
    assert!(report.contains("check: a sequential count agrees"), "{report}");
    let rows = ["threads", "tokio", "async-executor"].map(|who| numbers(&report, who));
    assert_eq!(rows.iter().map(|row| row[0]).sum::<u64>(), 300);
    assert_eq!(rows.iter().map(|row| row[1]).sum::<u64>(), 10 * lines);
}

#[test]
fn the_pool_is_never_exceeded_however_many_share_it_and_give_up() {
    let folder = folder(100);
    for (buffers, workers) in [(1, 1), (1, 16), (2, 7), (3, 4), (64, 2)] {
        let counts = [buffers.to_string(), workers.to_string()];
        let report = report(&["--check", "-k", &counts[0], "-n", &counts[1]], &[folder.path()]);
        let [size, most] = numbers(&report, "pool:")[..] else { panic!("{report}") };
        assert_eq!(size, buffers);
        assert!((1..=size.min(3 * workers)).contains(&most), "{report}");
        // Every second task drops its first wait.
        for who in ["tokio", "async-executor"] {
            assert!(numbers(&report, who)[2] >= workers / 2, "{report}");
        }
        assert_eq!(numbers(&report, "threads")[2], 0, "{report}");
    }
}

#[test]
fn nothing_to_read_is_no_problem() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(numbers(&report(&["--check"], &[folder.path()]), "total:")[..4], [0, 0, 0, 0]);
}

#[test]
fn a_path_that_is_missing_is_named() {
    let output = shared_pool(&[], &[Path::new("no such path")]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("PATH does not exist: no such path"), "{errors}");
}

#[test]
fn a_pool_needs_a_buffer_and_somebody_who_reads() {
    for wrong in [["-k", "0"], ["-n", "0"]] {
        assert_eq!(shared_pool(&wrong, &[]).status.code(), Some(2), "{wrong:?}");
    }
}

/// A file without permission, where the system keeps even this user from it.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_named_and_the_rest_is_counted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(10);
    let secret = folder.path().join("secret");
    fs::write(&secret, "x").expect("a file");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("its owner may");
    let is_readable = fs::File::open(&secret).is_ok(); // by root
    let output = shared_pool(&["--check"], &[folder.path()]);
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    if is_readable {
        assert_eq!(output.status.code(), Some(0), "{errors}");
    } else {
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("cannot read") && errors.contains("secret"), "{errors}");
        assert!(text.contains("total: 10 files"), "{text}");
    }
}
