//! `examples/wordcount` as its users meet it: exit codes, reports, and files that are wrong in every
//! way that files can be.
//!
//! Nothing here depends on who runs it: root reads what others may not, and both are right.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The example, which `cargo test` builds beside this test.
fn program() -> PathBuf {
    let test = env::current_exe().expect("a test has a path");
    let profile = test.ancestors().nth(2).expect("a test lies in PROFILE/deps");
    let program = profile.join("examples").join(format!("wordcount{}", env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo test`, or `cargo build --example wordcount` first",
        program.display()
    );
    program
}

/// Runs the example on some paths, with a closed input and no terminal.
fn wordcount(arguments: &[&str], paths: &[&Path]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).args(paths).stdin(Stdio::null());
    command.output().expect("the example starts")
}

/// What `--json --check` says, after a run that found no difference.
fn report(arguments: &[&str], paths: &[&Path]) -> Value {
    let output = wordcount(&[&["--json", "--check", "--rounds", "1"], arguments].concat(), paths);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert_eq!(errors, "", "no progress bar where there is no terminal");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(report["check"]["agrees"], true, "{report}");
    report
}

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    folder
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the report is UTF-8")
}

#[test]
fn words_are_counted_and_the_most_frequent_come_first() {
    let folder = folder(&[("a.txt", b"the cat, the dog"), ("b/c.txt", b"the bird; a dog")]);
    let report = report(&["--top", "2"], &[folder.path()]);
    assert_eq!(report["files"], 2);
    assert_eq!(report["bytes"], 31);
    assert_eq!(report["words"], 8);
    assert_eq!(report["distinct_words"], 5);
    assert_eq!(
        report["top"],
        serde_json::json!([{ "word": "the", "count": 3 }, { "word": "dog", "count": 2 }])
    );
}

#[test]
fn a_large_file_is_split_and_nothing_is_lost_at_the_seams() {
    let words = 200_000;
    let content: String = (0..words).map(|n| format!("wörd{} ", n % 1000)).collect();
    let folder = folder(&[("large", content.as_bytes())]);
    for threads in ["1", "2", "7"] {
        let report = report(&["--threads", threads, "--top", "1000"], &[folder.path()]);
        assert_eq!(report["words"], words);
        assert_eq!(report["distinct_words"], 1000);
        let top = report["top"].as_array().unwrap();
        assert!(top.iter().all(|word| word["count"] == 200), "{threads} threads: {top:?}");
    }
}

#[test]
fn the_text_report_names_words_totals_throughput_and_the_check() {
    let folder = folder(&[("a", b"one two two")]);
    let output = wordcount(&["--check"], &[folder.path()]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in ["2  two", "3  words, 2 distinct, in 1 files", "MB/s", "counts agree"] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn a_run_too_short_for_a_ratio_says_so() {
    let folder = folder(&[("a", b"few words")]);
    assert!(text(&wordcount(&[], &[folder.path()])).contains("too short to compare"));
    let report = report(&[], &[folder.path()]);
    assert!(report["speed_up"]["one_thread"].is_null(), "{report}");
    assert!(report["speed_up"]["sequential"].is_null(), "{report}");
}

#[test]
fn empty_files_and_folders_are_no_problem() {
    let folder = folder(&[("empty", b""), ("blank", b" \n\t"), ("d/x", b"")]);
    let report = report(&[], &[folder.path()]);
    assert_eq!((&report["files"], &report["words"]), (&3.into(), &0.into()));
    assert_eq!(report["problems"], serde_json::json!([]));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(self::report(&[], &[empty.path()])["files"], 0);
}

#[test]
fn version_control_and_build_output_are_skipped_unless_named() {
    let folder = folder(&[
        (".git/config", b"hidden"),
        ("target/debug/out", b"built"),
        ("sub/target/out", b"built"),
        ("sub/.git", b"a worktree's"),
        ("sub/targets", b"seen"),
    ]);
    assert_eq!(report(&[], &[folder.path()])["words"], 1);
    assert_eq!(report(&[], &[&folder.path().join("target")])["words"], 1);
}

#[test]
fn a_file_that_is_not_utf8_is_reported_and_counted_and_the_rest_is_read() {
    let folder = folder(&[("good", b"fine words"), ("bad", b"\xff\xfe\x00"), ("cut", b"caf\xc3")]);
    let report = report(&[], &[folder.path()]);
    assert_eq!((&report["files"], &report["words"]), (&1.into(), &2.into()));
    assert_eq!(report["left_out"]["not_utf8"], 2);
    let problems = report["problems"].as_array().unwrap();
    assert!(problems.iter().all(|problem| problem["reason"] == "not_utf8"), "{problems:?}");
    let text = text(&wordcount(&[], &[folder.path()]));
    assert!(text.contains("2 not UTF-8") && text.contains("bad: not UTF-8"), "{text}");
}

#[test]
fn files_that_vanish_meanwhile_are_counted_or_read_but_never_fatal() {
    let names: Vec<String> = (0..500).map(|n| format!("f{n}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b"word"[..])).collect();
    let folder = folder(&files);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            for name in names.iter().rev() {
                fs::remove_file(folder.path().join(name)).expect("nobody else removes it");
            }
        });
        report(&[], &[folder.path()])
    });
    let (read, gone) = (&report["files"], &report["left_out"]["vanished"]);
    assert!(read.as_u64().unwrap() + gone.as_u64().unwrap() <= 500, "{report}");
    assert_eq!(read, &report["words"], "each file that was read holds one word");
}

#[test]
fn a_path_that_does_not_exist_is_an_error_of_the_caller() {
    let folder = folder(&[("file", b"words")]);
    for missing in ["missing", "file/below"] {
        let missing = folder.path().join(missing);
        let output = wordcount(&["--check"], &[folder.path(), &missing]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("does not exist"), "{errors}");
        assert!(errors.contains(&*missing.to_string_lossy()), "{errors}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn numbers_that_make_no_sense_are_errors_of_the_caller() {
    for wrong in [
        ["--threads", "0"],
        ["--threads", "18446744073709551615"],
        ["--threads", "two"],
        ["--rounds", "0"],
        ["--top", "-1"],
    ] {
        let output = wordcount(&wrong, &[Path::new(".")]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {errors}");
        assert!(errors.contains(wrong[0]) && errors.contains(wrong[1]), "{wrong:?}: {errors}");
    }
}

#[test]
fn the_largest_top_prints_every_word_and_the_smallest_none() {
    let folder = folder(&[("a", b"x y y")]);
    let all = usize::MAX.to_string();
    let top = |top| report(&["--top", top], &[folder.path()])["top"].as_array().unwrap().len();
    assert_eq!((top(&all), top("0")), (2, 0));
}

#[test]
fn more_threads_than_chunks_are_no_problem() {
    let folder = folder(&[("a", b"one word")]);
    assert_eq!(report(&["--threads", "64"], &[folder.path()])["words"], 2);
}

/// Files that only Unix has.
#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    fn fifo(path: &Path) {
        let status = Command::new("mkfifo").arg(path).status().expect("Unix has mkfifo");
        assert!(status.success());
    }

    #[test]
    fn a_fifo_a_socket_and_a_device_do_not_block() {
        let folder = folder(&[("a", b"word")]);
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        fifo(&pipe);
        let _listener = UnixListener::bind(&socket).expect("a socket");
        let inside = report(&[], &[folder.path()]);
        assert_eq!((&inside["words"], &inside["left_out"]["not_regular"]), (&1.into(), &2.into()));
        let named = report(&[], &[&pipe, &socket, Path::new("/dev/zero")]);
        assert_eq!((&named["words"], &named["left_out"]["not_regular"]), (&0.into(), &3.into()));
    }

    #[test]
    fn links_are_followed_where_they_are_named_and_nowhere_else() {
        let folder = folder(&[("real/a", b"one"), ("b", b"two")]);
        let (to_folder, to_file) = (folder.path().join("x"), folder.path().join("y"));
        symlink(folder.path().join("real"), &to_folder).expect("a link");
        symlink(folder.path().join("b"), &to_file).expect("a link");
        symlink(folder.path(), folder.path().join("real/round")).expect("a link");
        let inside = report(&[], &[folder.path()]);
        assert_eq!((&inside["words"], &inside["left_out"]["not_regular"]), (&2.into(), &3.into()));
        assert_eq!(report(&[], &[&to_folder, &to_file])["words"], 2);
    }

    #[test]
    fn a_link_to_nothing_does_not_exist_when_named() {
        let folder = folder(&[]);
        let link = folder.path().join("link");
        symlink("nowhere", &link).expect("a link");
        assert_eq!(wordcount(&[], &[&link]).status.code(), Some(2));
        assert_eq!(report(&[], &[folder.path()])["left_out"]["not_regular"], 1);
    }

    /// Root may read what nobody may, so both outcomes are right, but nothing in between.
    #[test]
    fn what_may_not_be_read_is_counted_unless_root_reads_it() {
        let folder = folder(&[("open", b"seen"), ("shut", b"hidden"), ("closed/a", b"hidden")]);
        let (shut, closed) = (folder.path().join("shut"), folder.path().join("closed"));
        let allow = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
        };
        allow(&shut, 0o000);
        allow(&closed, 0o000);
        let readable = fs::read(&shut).is_ok();
        let report = report(&[], &[folder.path()]);
        allow(&closed, 0o700);
        let (words, unreadable) = if readable { (3, 0) } else { (1, 2) };
        assert_eq!(report["words"], words, "{report}");
        assert_eq!(report["left_out"]["unreadable"], unreadable, "{report}");
    }

    /// A regular file whose beginning not even root can read.
    #[test]
    fn a_file_that_fails_to_read_is_counted() {
        let memory = Path::new("/proc/self/mem");
        if !memory.is_file() {
            return; // Only Linux has it.
        }
        let folder = folder(&[("a", b"word")]);
        let report = report(&[], &[folder.path(), memory]);
        assert_eq!((&report["words"], &report["left_out"]["unreadable"]), (&1.into(), &1.into()));
    }

    #[test]
    fn names_that_are_not_utf8_are_no_problem() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let folder = folder(&[]);
        let odd = folder.path().join(OsStr::from_bytes(b"od\xff"));
        if fs::write(&odd, "word").is_err() {
            return; // This file system wants names that are.
        }
        assert_eq!(report(&[], &[folder.path()])["words"], 1);
        assert_eq!(report(&[], &[&odd])["words"], 1);
    }

    #[test]
    fn a_reader_that_closes_early_is_no_error() {
        let folder = folder(&[("a", b"word")]);
        let mut child = Command::new(program())
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// With neither PATH nor a home to find, the repository is read.
#[test]
fn without_a_path_the_repository_and_what_cargo_fetched_are_read() {
    let home = folder(&[("registry/src/index/crate-1.0.0/lib.rs", b"zyxwvutsrqponm")]);
    let output = Command::new(program())
        .args(["--json", "--rounds", "1", "--top", "1000000000"])
        .env("CARGO_HOME", home.path())
        .output()
        .expect("the example starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let top = report["top"].as_array().unwrap();
    let count = |word: &str| top.iter().filter(|row| row["word"] == word).count();
    assert_eq!(count(concat!("zyxwvut", "srqponm")), 1, "from the sources");
    assert_eq!(count("SplitOrderedMap"), 1, "from the repository");
}
