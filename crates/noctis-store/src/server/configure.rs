//! What is written before every start: the settings, who may connect, and the log's file.

use std::fs;
use std::path::Path;

use super::error::{Error, io};
use super::layout::set_mode;
use super::life::Engine;
use super::program;
use super::settings::{ACCESS, Settings, memory_bytes, shared_memory_bytes};

/// The log is put aside at a start when it is longer than this, in bytes.
const LOG_BYTES_MAX: u64 = 16 << 20;

impl Engine {
    pub(super) async fn write_settings(&self) -> Result<(), Error> {
        // The settings must exist before postgres can be asked about itself, since its own file includes them.
        for lz4 in [false, true] {
            let lz4 = lz4 && self.has_lz4().await;
            let settings = Settings {
                memory_bytes: memory_bytes(),
                shared_memory_bytes: shared_memory_bytes(),
                lz4,
                durability: self.durability,
                listen: self.listen,
                run: &self.layout.run,
                access: &self.layout.access,
            };
            write_readable(&self.layout.settings, &settings.render()?)?;
        }
        write_readable(&self.layout.access, ACCESS)
    }

    /// Whether the server was built with lz4: one that was not does not know the value.
    pub(super) async fn has_lz4(&self) -> bool {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.layout.postgres);
        command.args(["-c", "default_toast_compression=lz4", "-C", "default_toast_compression"]);
        program::run(command).await.is_ok()
    }

    pub(super) fn prepare_log(&self) -> Result<(), Error> {
        let log = &self.layout.log;
        if fs::metadata(log).is_ok_and(|found| found.len() > LOG_BYTES_MAX) {
            let old = self.layout.data.join("postgres.log.1");
            fs::rename(log, &old).map_err(io("put aside", log))?;
        }
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .map_err(io("open the log", log))?;
        set_mode(log, 0o600)?;
        self.account.as_ref().map_or(Ok(()), |account| account.own(log))
    }
}

fn write_readable(path: &Path, text: &str) -> Result<(), Error> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, text).map_err(io("write", &fresh))?;
    // The account reads it; there is no secret in it.
    set_mode(&fresh, 0o644)?;
    fs::rename(&fresh, path).map_err(io("write", path))
}
