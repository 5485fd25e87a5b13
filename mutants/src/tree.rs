//! A scratch copy of the crate, in which files are changed. Only what differs is written, so that
//! cargo builds no more than that again.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the crate and its tests are built from.
const PARTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "README.md",
    "src",
    "tests",
    "loom-tests",
    "examples",
];

/// Files by their path from the root.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{said}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}"))
}

/// The files of the repository, as they are in the work tree.
pub(crate) fn files(repository: &Path) -> Result<Files, String> {
    let listed = run(Command::new("git")
        .current_dir(repository)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"])
        .args(PARTS))?;
    let mut files = Files::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        match fs::read(repository.join(name)) {
            Ok(text) => drop(files.insert(name.to_owned(), text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {} // deleted, still listed
            Err(error) => return Err(format!("{name}: {error}")),
        }
    }
    Ok(files)
}

/// A folder that holds a copy of the crate.
pub(crate) struct Tree {
    root: PathBuf,
    /// What tells this copy from others, and from the crate itself.
    name: &'static str,
}

impl Tree {
    pub(crate) fn new(folder: &Path, name: &'static str) -> Self {
        Tree { root: folder.join(name), name }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The files, as a version of their own: cargo takes two copies of one version for the same
    /// package, and would not build the second one where both are built in one folder.
    fn renamed(&self, files: &Files) -> Result<Files, String> {
        let mut renamed = files.clone();
        let own = "name = \"counterpoint\"\nversion = \"";
        for file in ["Cargo.toml", "Cargo.lock"] {
            let text = files.get(file).ok_or_else(|| format!("there is no {file}"))?;
            let text = String::from_utf8_lossy(text);
            let (before, rest) = text
                .split_once(own)
                .ok_or_else(|| format!("{file} does not name its version below its name"))?;
            let (version, after) = rest.split_once('"').ok_or("an open string")?;
            let text = format!("{before}{own}{version}-{}\"{after}", self.name);
            renamed.insert(file.to_owned(), text.into_bytes());
        }
        Ok(renamed)
    }

    /// Makes the folder hold these files.
    pub(crate) fn set(&self, files: &Files) -> Result<(), String> {
        let files = &self.renamed(files)?;
        let failed = |path: &Path, error| format!("{}: {error}", path.display());
        for (name, text) in files {
            let path = self.root.join(name);
            if fs::read(&path).is_ok_and(|there| there == *text) {
                continue;
            }
            let folder = path.parent().expect("a file is in a folder");
            fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
            fs::write(&path, text).map_err(|error| failed(&path, error))?;
        }
        for part in PARTS {
            self.clear(&self.root.join(part), files)?;
        }
        Ok(())
    }

    /// Removes what is not among the files.
    fn clear(&self, path: &Path, files: &Files) -> Result<(), String> {
        if path.is_dir() {
            let entries = fs::read_dir(path).map_err(|error| error.to_string())?;
            for entry in entries {
                self.clear(&entry.map_err(|error| error.to_string())?.path(), files)?;
            }
        } else if path.exists() {
            let name = path.strip_prefix(&self.root).expect("it is in the tree").to_string_lossy();
            if !files.contains_key(&*name) {
                fs::remove_file(path).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Applies a patch, of which every line must fit.
    pub(crate) fn patch(&self, patch: &Path) -> Result<(), String> {
        run(Command::new("git")
            // Else git takes the tree for a folder of the repository around it, and passes over
            // what lies outside.
            .env("GIT_CEILING_DIRECTORIES", self.root.parent().expect("it has a parent"))
            .env_remove("GIT_DIR")
            .current_dir(&self.root)
            .args(["apply", "--whitespace=nowarn"])
            .arg(patch))
        .map(drop)
    }

    /// What files of these names hold.
    pub(crate) fn files(&self, names: &Files) -> Result<Files, String> {
        let read = |name: &String| {
            let text =
                fs::read(self.root.join(name)).map_err(|error| format!("{name}: {error}"))?;
            Ok((name.clone(), text))
        };
        names.keys().map(read).collect()
    }
}
