//! Making a new cluster; rule: it comes to its place only when it is whole.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::error::{Error, io};
use super::layout::make_private;
use super::life::Engine;
use super::options::Durability;
use super::postmaster::SUPERUSER;
use super::program;
use super::progress::Progress;

impl Engine {
    /// Makes a new cluster beside its place and moves it there when it is whole.
    pub(super) async fn create(&self) -> Result<(), Error> {
        self.reporter.report(Progress::Creating);
        let unfinished = self.layout.data.join("postgres.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
        }
        if self.initdb(&unfinished, &shape("C.UTF-8")).await.is_err() {
            // A bare container may know no locale but C.
            fs::remove_dir_all(&unfinished).map_err(io("remove", &unfinished))?;
            self.initdb(&unfinished, &shape("C")).await?;
        }
        let conf = unfinished.join("postgresql.conf");
        let mut file =
            fs::OpenOptions::new().append(true).open(&conf).map_err(io("open", &conf))?;
        // Relative, so a data folder can be moved.
        file.write_all(b"\ninclude = '../noctis.conf'\n").map_err(io("write", &conf))?;
        // Without that line a cluster after a power cut would listen elsewhere.
        file.sync_all().map_err(io("write", &conf))?;
        fs::rename(&unfinished, &self.layout.postgres)
            .map_err(io("move into place", &unfinished))?;
        let data = &self.layout.data;
        fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(io("write", data))
    }

    /// Makes a cluster in a new folder; the arguments say its encoding, locale and whether pages have checksums.
    pub(super) async fn initdb(&self, folder: &Path, shape: &[String]) -> Result<(), Error> {
        make_private(folder, self.account.as_ref())?;
        let mut command = self.program("initdb");
        command.arg("--pgdata").arg(folder);
        command.args(["--auth=trust", "--no-instructions"]).args(shape);
        command.arg(format!("--username={SUPERUSER}"));
        if self.durability == Durability::Off {
            command.arg("--no-sync");
        }
        program::run(command).await.map(|_| ())
    }
}

/// Of our own clusters.
fn shape(locale: &str) -> [String; 3] {
    ["--encoding=UTF8".into(), "--data-checksums".into(), format!("--locale={locale}")]
}
