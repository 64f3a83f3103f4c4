//! The one configuration: defaults, under `noctis.toml`, under the environment, under flags; resolved and checked once.
//!
//! Nothing else reads the environment. Everything else is given a [`Config`], whose values need no further check.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use jiff::SignedDuration;
use noctis_archive::Place;
use noctis_core::enrich::prices::Prefer;
use noctis_core::partition::{Policy, Retention};

mod environment;
mod file;
mod flags;
pub mod keys;
mod secret;
mod settings;
mod surroundings;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub use flags::{CommandFlag, GlobalArgs};
pub use secret::{DatabaseUrl, Secret};
pub use settings::{Origin, Setting};
pub use surroundings::{FILE_NAME, Machine, Surroundings};
pub use template::template;
pub use value::{ArchiveDir, Cors, LogFormat};

use settings::Settings;

/// What this process was told to do, checked. Paths are absolute.
#[derive(Clone, Debug)]
pub struct Config {
    /// Nothing means a PostgreSQL of our own in `data_dir`.
    pub database_url: Option<DatabaseUrl>,
    pub data_dir: PathBuf,
    pub listen: SocketAddr,
    /// Loopback only. Nothing means a Unix socket alone.
    pub pg_listen: Option<SocketAddr>,
    pub postgres_archive: Option<PathBuf>,
    /// Nothing means the address that belongs to the pinned archive.
    pub postgres_download_url: Option<String>,
    pub log: Log,
    /// Nothing means that nobody outside is asked for anything.
    pub contact: Option<String>,
    pub partitions: Partitions,
    pub archive: Archive,
    pub import: Import,
    /// Which value a kill has where both are known.
    pub prefer: Prefer,
    pub http: Http,
    pub esi: Esi,
    pub web: Web,
    pub machine: Machine,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// Every key as text with its origin, secrets hidden.
    pub settings: Vec<Setting>,
}

/// How this process logs.
#[derive(Clone, Debug)]
pub struct Log {
    pub format: LogFormat,
    /// A filter that `tracing_subscriber::EnvFilter` reads.
    pub level: String,
}

/// Where old months go.
#[derive(Clone, Debug)]
pub struct Archive {
    /// Nothing means the folder `archive` in the data folder.
    pub dir: Option<ArchiveDir>,
    pub s3_endpoint: Option<String>,
    pub s3_region: String,
    pub s3_access_key_id: Option<String>,
    pub s3_secret_access_key: Option<Secret>,
}

impl Archive {
    /// The folder, or the bucket and what opens it.
    #[must_use]
    pub fn place(&self, data_dir: &Path) -> Place {
        match &self.dir {
            None => Place::Folder(data_dir.join("archive")),
            Some(ArchiveDir::Folder(folder)) => Place::Folder(folder.clone()),
            Some(ArchiveDir::Bucket { bucket, prefix }) => Place::S3 {
                bucket: bucket.clone(),
                prefix: prefix.clone(),
                endpoint: self.s3_endpoint.clone(),
                region: self.s3_region.clone(),
                access_key_id: self.s3_access_key_id.clone(),
                secret_access_key: self
                    .s3_secret_access_key
                    .as_ref()
                    .map(|secret| secret.reveal().to_owned()),
                // Whoever writes http:// means it.
                allow_http: self
                    .s3_endpoint
                    .as_ref()
                    .is_some_and(|endpoint| endpoint.starts_with("http://")),
            },
        }
    }
}

/// Which partitions are kept ready, and which are kept at all.
#[derive(Clone, Debug)]
pub struct Partitions {
    pub policy: Policy,
    /// The longest that a lock may keep others waiting; 10 ms to 60 s.
    pub lock_budget_max: Duration,
}

/// When an import stops or complains.
#[derive(Clone, Debug)]
pub struct Import {
    pub min_free_disk_bytes: u64,
    /// More parked killmails than this make the exit code 2.
    pub max_parked: u64,
}

/// Limits of a request, and who may ask.
#[derive(Clone, Debug)]
pub struct Http {
    /// 100 ms to 10 min.
    pub statement_timeout: Duration,
    pub cors: Cors,
}

/// Where CCP's API is.
#[derive(Clone, Debug)]
pub struct Esi {
    pub base_url: String,
}

/// What pages show.
#[derive(Clone, Debug)]
pub struct Web {
    /// Whose portraits and renders are shown; nothing where they are switched off.
    pub image_server: Option<String>,
}

impl Config {
    /// Puts the four layers over one another and checks every value.
    ///
    /// `command` holds the keys that the command at hand offers as flags of its own; it may be empty.
    ///
    /// # Errors
    /// One message with all that is wrong: unknown keys with the nearest known one, and values with what they must be.
    pub fn resolve(
        global: &GlobalArgs,
        command: &[CommandFlag],
        surroundings: &Surroundings,
    ) -> anyhow::Result<Self> {
        let here = &surroundings.directory;
        let mut settings = Settings::new(surroundings.data_home());
        let file = find_file(global, surroundings)?;
        if let Some((path, text)) = &file {
            let folder = here.join(path);
            settings.lay(file::layer(text, path), folder.parent().unwrap_or(here));
        }
        settings.lay(environment::layer(&surroundings.variables), here);
        settings.lay(flags::layer(global, command), here);

        let config = Self::read(&mut settings, file.map(|(path, _)| path));
        match settings.finish() {
            Ok(settings) => Ok(Self { settings, machine: surroundings.machine(), ..config }),
            Err(problems) if problems.len() == 1 => {
                bail!("the configuration is wrong: {}", problems[0])
            }
            Err(problems) => bail!("the configuration is wrong:\n- {}", problems.join("\n- ")),
        }
    }

    fn read(settings: &mut Settings, file: Option<PathBuf>) -> Self {
        Self {
            database_url: settings.read_optional(&keys::DATABASE_URL),
            data_dir: settings.read(&keys::DATA_DIR),
            listen: settings.read(&keys::LISTEN),
            pg_listen: settings.read_optional(&keys::PG_LISTEN),
            postgres_archive: settings.read_optional(&keys::POSTGRES_ARCHIVE),
            postgres_download_url: settings.read_optional(&keys::POSTGRES_DOWNLOAD_URL),
            log: Log {
                format: settings.read(&keys::LOG_FORMAT),
                level: settings.read(&keys::LOG_LEVEL),
            },
            contact: settings.read_optional(&keys::CONTACT),
            partitions: partitions(settings),
            archive: Archive {
                dir: settings.read_optional(&keys::ARCHIVE_DIR),
                s3_endpoint: settings.read_optional(&keys::ARCHIVE_S3_ENDPOINT),
                s3_region: settings.read(&keys::ARCHIVE_S3_REGION),
                s3_access_key_id: settings.read_optional(&keys::ARCHIVE_S3_ACCESS_KEY_ID),
                s3_secret_access_key: settings.read_optional(&keys::ARCHIVE_S3_SECRET_ACCESS_KEY),
            },
            import: Import {
                min_free_disk_bytes: settings.read(&keys::IMPORT_MIN_FREE_DISK),
                max_parked: settings.read(&keys::IMPORT_MAX_PARKED),
            },
            prefer: settings.read(&keys::VALUE_PREFER),
            http: Http {
                statement_timeout: settings.read(&keys::HTTP_STATEMENT_TIMEOUT),
                cors: settings.read(&keys::HTTP_CORS),
            },
            esi: Esi { base_url: settings.read(&keys::ESI_BASE_URL) },
            web: web(settings),
            machine: Machine::default(),
            file,
            settings: Vec::new(),
        }
    }
}

fn partitions(settings: &mut Settings) -> Partitions {
    let signed =
        |duration: Duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    Partitions {
        policy: Policy {
            interval: settings.read(&keys::PARTITIONS_INTERVAL),
            ahead: settings.read(&keys::PARTITIONS_AHEAD),
            retention: Retention {
                keep_months: settings.read(&keys::PARTITIONS_KEEP_MONTHS),
                after: settings.read(&keys::PARTITIONS_AFTER),
                settle: signed(settings.read(&keys::PARTITIONS_SETTLE)),
                grace: signed(settings.read(&keys::PARTITIONS_GRACE)),
                floor: settings.read(&keys::PARTITIONS_FLOOR),
                cap: settings.read(&keys::PARTITIONS_CAP),
            },
        },
        lock_budget_max: Duration::from_millis(
            settings.read(&keys::PARTITIONS_LOCK_BUDGET_MS_MAX).into(),
        ),
    }
}

fn web(settings: &mut Settings) -> Web {
    let (is_shown, server) =
        (settings.read(&keys::WEB_IMAGES), settings.read(&keys::WEB_IMAGE_SERVER));
    Web { image_server: is_shown.then_some(server) }
}

/// The file that counts and its text. One that was named must exist; of the usual places the first that has one counts.
fn find_file(
    global: &GlobalArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<Option<(PathBuf, String)>> {
    let read = |path: &Path| file::read(&surroundings.directory.join(path));
    if let Some(path) = global.config.clone().or_else(|| surroundings.named_file()) {
        return match read(&path)? {
            Some(text) => Ok(Some((path, text))),
            None => bail!(
                "there is no configuration file {}; `noctis --config {0} config init` writes one",
                path.display()
            ),
        };
    }
    for path in surroundings.candidate_files() {
        if let Some(text) = read(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}
