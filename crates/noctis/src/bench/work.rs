//! The folder a benchmark works in, the killmails it works on, and stores made for it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use noctis_core::generate::{GalaxySource, Generator, Options};

use crate::config::Config;
use crate::database::{Database, Purpose, catalogue};
use crate::lifecycle::{self, Rules};

/// The months all generated killmails of a benchmark lie in.
pub const FROM: &str = "2026-01-01T00:00:00Z";
/// And their end.
pub const TO: &str = "2026-11-01T00:00:00Z";
/// Between two looks at a process' peak of memory, which only grows.
const MEMORY_POLL: Duration = Duration::from_millis(20);
/// Bytes gathered before they are written.
const CHUNK_BYTES: usize = 1 << 20;

/// A folder that is gone when the benchmark is.
pub struct Work {
    folder: PathBuf,
    config: Config,
}

impl Work {
    /// Makes the folder.
    ///
    /// # Errors
    /// When it is there already or cannot be made.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let folder = config.machine.temp_dir.join(format!("noctis-bench-{}", std::process::id()));
        std::fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Self { folder, config: config.clone() })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes generated killmails of this range of time to a file, if it is not there yet.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn killmails(
        &self,
        name: &str,
        kills: u64,
        seed: u64,
        range: (&str, &str),
    ) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(path);
        }
        let mut file = BufWriter::new(File::create(&path)?);
        let mut generator = generator_of(kills, seed, range)?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
        while generator.write_next(&mut chunk) {
            if chunk.len() >= CHUNK_BYTES {
                file.write_all(&chunk)?;
                chunk.clear();
            }
        }
        file.write_all(&chunk)?;
        file.flush()?;
        Ok(path)
    }

    /// Makes a server and an empty, migrated store in a folder of its own.
    ///
    /// # Errors
    /// When there is no PostgreSQL.
    pub async fn store(&self, name: &str) -> anyhow::Result<Database> {
        let config =
            Config { database_url: None, data_dir: self.folder.join(name), ..self.config.clone() };
        let database = Database::open(&config, Purpose::Migrate).await?;
        lifecycle::look(&database.store, Rules::of(&config.partitions)).await?;
        Ok(database)
    }

    /// Ends a store's server and removes its folder.
    ///
    /// # Errors
    /// When the server does not stop.
    pub async fn remove(&self, database: Database, name: &str) -> anyhow::Result<()> {
        database.close().await?;
        Ok(std::fs::remove_dir_all(self.folder.join(name))?)
    }

    /// Imports a file by a process of its own, and gives that process' largest resident memory in bytes (0 where the
    /// system does not tell).
    ///
    /// # Errors
    /// When the import fails.
    pub fn import(&self, store: &str, file: &Path) -> anyhow::Result<u64> {
        let mut child = noctis(&self.folder.join(store))?
            .args(["import", "--json", "--allow-generated"])
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut peak = 0;
        loop {
            peak = memory_peak(child.id()).unwrap_or(0).max(peak);
            if let Some(status) = child.try_wait()? {
                return if status.success() {
                    Ok(peak)
                } else {
                    Err(anyhow!("the import failed: {status}"))
                };
            }
            std::thread::sleep(MEMORY_POLL);
        }
    }

    /// Runs a psql script on a store, in the benchmark's folder.
    ///
    /// # Errors
    /// When psql fails.
    pub fn psql(&self, database: &Database, name: &str, script: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        std::fs::write(&path, script)?;
        let psql = database
            .server
            .bin_dir()
            .map_or_else(|| PathBuf::from("psql"), |folder| folder.join("psql"));
        let status = Command::new(psql)
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file"])
            .arg(&path)
            .arg(database.server.owner_address())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .status()?;
        if status.success() { Ok(()) } else { bail!("psql failed: {status}") }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What cannot be removed is the temporary folder's.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Another process of ours on a store of a benchmark's, which no configuration leads elsewhere.
///
/// # Errors
/// When its empty configuration cannot be written.
pub(super) fn noctis(data_dir: &Path) -> anyhow::Result<Command> {
    let empty = data_dir.join("bench.toml");
    std::fs::write(&empty, "").with_context(|| format!("writing {}", empty.display()))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--config").arg(empty).arg("--data-dir").arg(data_dir);
    command.args(["--log-level", "warn", "--set", "partitions.after=keep"]);
    for variable in ["DATABASE_URL", "NOCTIS_DATABASE_URL"] {
        command.env_remove(variable);
    }
    Ok(command)
}

/// Generated killmails of the benchmark's months.
///
/// # Errors
/// When so many cannot be made.
pub(super) fn generator(kills: u64, seed: u64) -> anyhow::Result<Generator> {
    generator_of(kills, seed, (FROM, TO))
}

fn generator_of(kills: u64, seed: u64, (from, to): (&str, &str)) -> anyhow::Result<Generator> {
    let (from, to) = (from.parse()?, to.parse()?);
    let options = Options { kills, from, to, seed, oddities: false, zkb: false };
    Ok(Generator::new(&GalaxySource::of(&catalogue()), options)?)
}

/// The last minute's load of the machine, where there is a `/proc`.
pub(super) fn load_average() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// `VmHWM` of a process, where there is a `/proc`.
pub(super) fn memory_peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1_024)
}
