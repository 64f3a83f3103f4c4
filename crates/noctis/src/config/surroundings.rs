//! What the configuration takes from the machine: variables, the current folder, who runs us, and so which folders.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::environment::CONFIG_VARIABLE;

/// The name of the configuration file in each folder where it is looked for.
pub const FILE_NAME: &str = "noctis.toml";

/// Everything outside of the command line that decides the configuration; a value, so that a test can make one.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pub variables: Vec<(OsString, OsString)>,
    /// The current folder.
    pub directory: PathBuf,
    pub is_root: bool,
    /// The file of the whole machine.
    pub system_file: PathBuf,
}

/// What the environment tells of this machine that is no choice of ours, for finding programs and making sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// `PATH`.
    pub search_path: Option<OsString>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `TMPDIR`, or where short-lived files go on this kind of machine.
    pub temp_dir: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    ///
    /// # Errors
    /// When the current folder is gone.
    pub fn of_this_process() -> anyhow::Result<Self> {
        Ok(Self {
            variables: std::env::vars_os().collect(),
            directory: std::env::current_dir().context("finding the current folder")?,
            is_root: is_root(),
            system_file: Path::new("/etc/noctis").join(FILE_NAME),
        })
    }

    /// The value of a variable; an empty one counts as absent.
    fn variable(&self, name: &str) -> Option<&OsStr> {
        let (_, value) = self.variables.iter().find(|(key, _)| key == name)?;
        Some(value.as_os_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn machine(&self) -> Machine {
        let temp_dir = ["TMPDIR", "TEMP"].into_iter().find_map(|name| self.variable(name));
        Machine {
            search_path: self.variable("PATH").map(OsStr::to_os_string),
            home: self.variable("HOME").map(PathBuf::from),
            temp_dir: temp_dir.map_or_else(|| "/tmp".into(), PathBuf::from),
        }
    }

    /// Where the configuration was said to be, which then must exist.
    pub(super) fn named_file(&self) -> Option<PathBuf> {
        self.variable(CONFIG_VARIABLE).map(PathBuf::from)
    }

    /// Where the configuration may be, the first that exists counts. The one here keeps its short name.
    pub(super) fn candidate_files(&self) -> Vec<PathBuf> {
        let user = self.base_folder("XDG_CONFIG_HOME", ".config", "APPDATA");
        let user = user.map(|folder| folder.join("noctis").join(FILE_NAME));
        [Some(PathBuf::from(FILE_NAME)), user, Some(self.system_file.clone())]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Where data is kept if nobody says otherwise.
    pub(super) fn data_home(&self) -> Option<PathBuf> {
        if self.is_root {
            return Some("/var/lib/noctis".into());
        }
        self.base_folder("XDG_DATA_HOME", ".local/share", "LOCALAPPDATA")
            .map(|folder| folder.join("noctis"))
    }

    /// A base folder as the XDG specification has it, where a relative path counts as absent; else that of Windows.
    fn base_folder(&self, xdg: &str, under_home: &str, windows: &str) -> Option<PathBuf> {
        let absolute =
            |name: &str| self.variable(name).map(Path::new).filter(|path| path.is_absolute());
        absolute(xdg)
            .map(Path::to_path_buf)
            .or_else(|| absolute("HOME").map(|home| home.join(under_home)))
            .or_else(|| absolute(windows).map(Path::to_path_buf))
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
