//! What there is to read: the files behind the paths that were given.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// How deep folders may nest.
const FOLDER_DEPTH_MAX: usize = 32;
/// Files of one import; their names are held in memory.
const FILES_MAX: usize = 1_000_000;

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Stdin,
    /// Can be read again and again, so it is known by its content.
    File(PathBuf),
    /// A pipe or device, which can be read once.
    Pipe(PathBuf),
}

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As people see it, and as it is kept as the source.
    pub name: String,
    pub origin: Origin,
    /// As on disk; 0 for what can be read but once.
    pub bytes: u64,
}

/// The files behind the paths, `-` being standard input. In a folder they are sorted by name, folders within it too;
/// what is hidden, and what is neither file nor folder, is passed over.
///
/// # Errors
/// When a path leads nowhere, a folder cannot be read, or there are too many files.
pub fn list(paths: &[PathBuf]) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input {
                name: "standard input".to_owned(),
                origin: Origin::Stdin,
                bytes: 0,
            });
            continue;
        }
        let metadata = fs::metadata(path)
            .with_context(|| format!("there is nothing to read at {}", path.display()))?;
        if metadata.is_dir() {
            folder(path, 0, &mut inputs)?;
        } else if metadata.is_file() {
            inputs.push(input(path, metadata.len()));
        } else {
            let origin = Origin::Pipe(path.clone());
            inputs.push(Input { name: path.display().to_string(), origin, bytes: 0 });
        }
    }
    Ok(inputs)
}

fn folder(path: &Path, depth: usize, inputs: &mut Vec<Input>) -> anyhow::Result<()> {
    if depth >= FOLDER_DEPTH_MAX {
        bail!("{} lies more than {FOLDER_DEPTH_MAX} folders deep", path.display());
    }
    let reading = || format!("reading the folder {}", path.display());
    let mut entries = fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(reading)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type().with_context(reading)?;
        if kind.is_dir() {
            folder(&entry.path(), depth + 1, inputs)?;
        } else if kind.is_file() {
            if inputs.len() >= FILES_MAX {
                bail!("there are more than {FILES_MAX} files: import a folder at a time");
            }
            let bytes = entry.metadata().with_context(reading)?.len();
            inputs.push(input(&entry.path(), bytes));
        }
    }
    Ok(())
}

fn input(path: &Path, bytes: u64) -> Input {
    Input { name: path.display().to_string(), origin: Origin::File(path.to_owned()), bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_in_the_order_of_names_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.json", "a/z.json", "a/.hidden", ".git/config", "c/d/e.json"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let inputs = list(&[folder.path().to_owned(), "-".into()]).unwrap();
        let names: Vec<&str> = inputs
            .iter()
            .map(|input| input.name.trim_start_matches(folder.path().to_str().unwrap()))
            .collect();
        assert_eq!(names, ["/a/z.json", "/b.json", "/c/d/e.json", "standard input"]);
        assert_eq!(inputs[0].bytes, 8);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named() {
        let problem = list(&["no/such.json".into()]).unwrap_err();
        assert!(problem.to_string().contains("there is nothing to read at no/such.json"));
    }
}
