//! The text of every value with its origin, as the layers put it there, before and while it is read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::keys::{self, About, Fallback, Key, Kind};
use super::secret;

/// Who gave a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// A line of the configuration file, counted from 1.
    File {
        path: PathBuf,
        line: usize,
    },
    /// The name of an environment variable.
    Variable(String),
    /// A flag as it is written: `--listen`.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// One value that somebody gave.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) about: &'static About,
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// A key with its value and origin, fit to be shown: a secret is already hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    pub key: &'static str,
    /// Nothing, where nobody gave a value and there is no default.
    pub value: Option<String>,
    pub origin: String,
}

/// The layers merged, and what was wrong with them. Reading goes on after a problem, so that one run finds them all.
pub(super) struct Settings {
    given: BTreeMap<&'static str, Given>,
    /// Nothing when the machine has no home for us; then somebody must give the folder.
    data_home: Option<PathBuf>,
    problems: Vec<String>,
}

impl Settings {
    pub(super) fn new(data_home: Option<PathBuf>) -> Self {
        Self { given: BTreeMap::new(), data_home, problems: Vec::new() }
    }

    /// Puts one layer over those before it. A path in it is relative to `base`.
    pub(super) fn lay(&mut self, layer: Vec<Result<Given, String>>, base: &Path) {
        for entry in layer {
            match entry {
                Ok(mut given) => {
                    match given.about.kind {
                        Kind::PathOrAddress if given.text.contains("://") => {}
                        Kind::Path | Kind::PathOrAddress => {
                            given.text = self.absolute(&given, base);
                        }
                        Kind::Plain | Kind::Secret | Kind::Hidden => {}
                    }
                    self.given.insert(given.about.name, given);
                }
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// The value of a key that always has one. After a problem it is the default, and only the problem counts.
    pub(super) fn read<T>(&mut self, key: &Key<T>) -> T {
        self.read_optional(key).unwrap_or_else(|| {
            let text = match &key.about.fallback {
                Fallback::Text(text) => (*text).to_owned(),
                Fallback::DataHome => self.data_home_or_problem(),
                Fallback::Unset { .. } => {
                    unreachable!("{} may be unset; read_optional reads it", key.about.name)
                }
            };
            (key.read)(&text).expect("every default can be read, as a test shows")
        })
    }

    /// The value of a key, if somebody gave one.
    pub(super) fn read_optional<T>(&mut self, key: &Key<T>) -> Option<T> {
        let given = self.given.get(key.about.name)?;
        match (key.read)(&given.text) {
            Ok(value) => Some(value),
            Err(expected) => {
                let shown = shown(given);
                let problem = format!(
                    "{}: {} is `{shown}`, but must be {expected}",
                    given.origin, key.about.name
                );
                self.problems.push(problem);
                None
            }
        }
    }

    /// Every key for people to see, or everything that was wrong.
    pub(super) fn finish(self) -> Result<Vec<Setting>, Vec<String>> {
        if self.problems.is_empty() {
            Ok(keys::ALL.iter().map(|about| self.setting(about)).collect())
        } else {
            Err(self.problems)
        }
    }

    fn setting(&self, about: &About) -> Setting {
        match self.given.get(about.name) {
            Some(given) => Setting {
                key: about.name,
                value: Some(shown(given)),
                origin: given.origin.to_string(),
            },
            None => Setting {
                key: about.name,
                value: match &about.fallback {
                    Fallback::Text(text) => Some((*text).to_owned()),
                    Fallback::DataHome => {
                        self.data_home.as_deref().map(|path| path.display().to_string())
                    }
                    Fallback::Unset { .. } => None,
                },
                origin: Origin::Default.to_string(),
            },
        }
    }

    fn data_home_or_problem(&mut self) -> String {
        if let Some(path) = &self.data_home {
            return path.display().to_string();
        }
        if !self.given.contains_key(keys::DATA_DIR.about.name) {
            self.problems
                .push("data_dir: this user has no home folder; say where with --data-dir".into());
        }
        "noctis".into()
    }

    fn absolute(&mut self, given: &Given, base: &Path) -> String {
        if given.text.starts_with('~') {
            self.problems.push(format!(
                "{}: {} is `{}`, but `~` is not read here; write the path in full",
                given.origin, given.about.name, given.text
            ));
        }
        if given.text.is_empty() {
            return String::new();
        }
        base.join(&given.text).display().to_string()
    }
}

fn shown(given: &Given) -> String {
    match given.about.kind {
        Kind::Secret => secret::mask(&given.text),
        Kind::Hidden => secret::MASK.to_owned(),
        Kind::Plain | Kind::Path | Kind::PathOrAddress => given.text.clone(),
    }
}

/// The key of that name, or a sentence with the nearest known one.
pub(super) fn find(name: &str, origin: &Origin) -> Result<&'static About, String> {
    keys::ALL.iter().copied().find(|about| about.name == name).ok_or_else(|| {
        let hint = match nearest(name, keys::ALL.iter().map(|about| about.name)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`noctis config init` writes a file with all keys".into(),
        };
        format!("{origin}: there is no key `{name}`; {hint}")
    })
}

/// The known name that takes the fewest edits, whole or by its last part, if it is near at all.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| {
        let last = candidate.rsplit('.').next().unwrap_or(candidate);
        strsim::damerau_levenshtein(name, candidate).min(strsim::damerau_levenshtein(name, last))
    };
    known
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, _)| *edits * 2 <= name.len())
        .map(|(_, candidate)| candidate)
}
