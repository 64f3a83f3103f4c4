//! Moving our own cluster to a newer PostgreSQL; rule: the old one stays as it is, and in its place until the new one is whole.
//!
//! `pg_upgrade` copies. The new cluster is made, filled, started and analysed under another name; then two renames follow.
//! Who joins after an interruption finds either the old cluster in its place or the new one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tokio_postgres::NoTls;

use super::account;
use super::base_backup::tool;
use super::binaries::Binaries;
use super::choice::{choose_newer, installed, major_of};
use super::error::{Error, io};
use super::layout::{Layout, make_private};
use super::life::{Engine, READY_WAIT};
use super::lock::{StartLock, UsersLock};
use super::options::{ClusterOptions, Upgraded};
use super::postmaster::SUPERUSER;
use super::program;
use super::progress::Progress;
use super::room::{bytes_in, must_fit};
use super::{DATABASE, binaries};
use crate::fail;

pub(super) mod leftovers;

use leftovers::{building, whole, workplace};

/// Left free beside the copy, in bytes: a new cluster's own catalog and log.
const ROOM_BESIDE: u64 = 512 << 20;

/// The line by which `postgresql.conf` takes our settings in; what follows it is the operator's.
const INCLUDE: &str = "include = '../noctis.conf'";

/// Moves the cluster to the newest PostgreSQL up to 18 that is here. Nobody may use it meanwhile.
///
/// # Errors
/// [`Error::InUse`], [`Error::NothingNewer`], [`Error::NoRoom`], what PostgreSQL's programs say; the old cluster is then in its
/// place.
pub async fn upgrade(options: &ClusterOptions) -> Result<Upgraded, Error> {
    let layout = Layout::create(&options.data_dir, &options.temp_dir)?;
    let account = account::to_drop_to()?;
    let starting = StartLock::take(&layout, READY_WAIT, &options.reporter).await?;
    let in_use = || Error::InUse { data_dir: layout.data.clone() };
    let _alone = UsersLock::take(&layout)?.leave()?.ok_or_else(in_use)?;
    leftovers::settle(&layout).await?;
    let nothing = || Error::NoCluster { folder: layout.postgres.clone() };
    let major = major_of(&layout.postgres)?.ok_or_else(nothing)?;
    let kept = layout.data.join(format!("postgres-{major}"));
    if kept.exists() {
        return Err(Error::KeptExists { folder: kept });
    }
    let gone = || Error::VersionGone {
        data_dir: layout.data.clone(),
        major,
        package: binaries::package(major),
    };
    let old = installed(options, major).await.ok_or_else(gone)?;
    let new = choose_newer(options, &layout, account.as_ref(), major).await?;
    let kept_bytes = bytes_in(&layout.postgres)?;
    must_fit(kept_bytes + ROOM_BESIDE, &layout.data)?;
    options.reporter.report(Progress::Upgrading);
    let engine = |binaries: &Binaries, postgres: PathBuf| Engine {
        layout: Layout { postgres, ..layout.clone() },
        binaries: binaries.clone(),
        account: account.clone(),
        durability: options.durability,
        listen: None,
        reporter: options.reporter.clone(),
    };
    let pair =
        Pair { old: engine(&old, layout.postgres.clone()), new: engine(&new, building(&layout)) };
    pair.fill(&starting).await?;
    pair.look_over().await?;
    switch(&layout, &kept)?;
    Ok(Upgraded { from: old.version, to: new.version, kept, kept_bytes })
}

/// The cluster and the one that comes.
struct Pair {
    old: Engine,
    new: Engine,
}

/// What a new cluster must share with the old one.
struct Shape {
    encoding: String,
    collate: String,
    ctype: String,
    checksums: bool,
}

impl Pair {
    /// Makes the new cluster and has everything copied into it.
    async fn fill(&self, starting: &StartLock) -> Result<(), Error> {
        // It may have crashed, and must have been shut down in order.
        let postmaster = self.old.bring_up().await?;
        let shape = shape(&postmaster.superuser_config()).await?;
        let has_lz4 = self.old.has_lz4().await;
        self.old.stop_wholly().await?;
        let folder = &self.new.layout.postgres;
        self.new.initdb(folder, &shape.arguments(self.new.binaries.major)).await?;
        self.carry_settings_over()?;
        fail::point("upgrade.initialised");
        if has_lz4 && !self.new.has_lz4().await {
            let Binaries { bin, version, .. } = self.new.binaries.clone();
            return Err(Error::NoLz4 { version, folder: bin });
        }
        // The settings of both are the same file: it must not ask for what one of them lacks.
        self.new.write_settings().await?;
        self.pg_upgrade(starting, true).await?;
        self.pg_upgrade(starting, false).await?;
        fail::point("upgrade.filled");
        Ok(())
    }

    /// Ours are taken in; what the operator wrote after that line, or set by SQL, comes along.
    fn carry_settings_over(&self) -> Result<(), Error> {
        let (from, to) = (&self.old.layout.postgres, &self.new.layout.postgres);
        let conf = from.join("postgresql.conf");
        let text = fs::read_to_string(&conf).map_err(io("read", &conf))?;
        let own = text.split_once(INCLUDE).map_or("", |(_, own)| own);
        let target = to.join("postgresql.conf");
        let mut file =
            fs::OpenOptions::new().append(true).open(&target).map_err(io("open", &target))?;
        write!(file, "\n{INCLUDE}{own}").map_err(io("write", &target))?;
        file.sync_all().map_err(io("write", &target))?;
        let auto = from.join("postgresql.auto.conf");
        if auto.exists() {
            // Over the one that initdb made, whose owner and mode stay.
            fs::copy(&auto, to.join("postgresql.auto.conf")).map_err(io("copy", &auto))?;
        }
        Ok(())
    }

    /// Runs `pg_upgrade`, which has the start lock for as long as it lives, whatever becomes of us.
    async fn pg_upgrade(&self, starting: &StartLock, only_check: bool) -> Result<(), Error> {
        let work = workplace(&self.old.layout);
        make_private(&work, self.new.account.as_ref())?;
        self.new.layout.create_run(self.new.account.as_ref())?;
        let program = tool(&self.new.binaries, "pg_upgrade")?;
        let mut command = program::command(&program, self.new.account.as_ref());
        command.current_dir(&work).stdin(starting.handed_on()?);
        command.arg("--old-datadir").arg(&self.old.layout.postgres);
        command.arg("--new-datadir").arg(&self.new.layout.postgres);
        command.arg("--old-bindir").arg(&self.old.binaries.bin);
        command.arg("--new-bindir").arg(&self.new.binaries.bin);
        command.arg("--socketdir").arg(&self.old.layout.run);
        command.arg(format!("--username={SUPERUSER}"));
        if only_check {
            command.arg("--check");
        }
        program::run(command).await.map(|_| ()).map_err(|error| self.with_reports(error))
    }

    /// Keeps what `pg_upgrade` reported: the folder it is in goes when the next command tidies up.
    fn with_reports(&self, error: Error) -> Error {
        let reports = self.new.layout.postgres.join("pg_upgrade_output.d");
        let kept = self.new.layout.data.join("pg_upgrade_output.d");
        let _ = fs::remove_dir_all(&kept);
        match (error, fs::rename(&reports, &kept)) {
            (Error::Program { program, said }, Ok(())) => {
                let said = format!("{said} (its reports are in {})", kept.display());
                Error::Program { program, said }
            }
            (error, _) => error,
        }
    }

    /// Starts the new cluster where it was made, brings extensions and statistics up to date, and stops it.
    async fn look_over(&self) -> Result<(), Error> {
        let postmaster = self.new.bring_up().await?;
        let mut config = postmaster.superuser_config();
        let (client, connection) = config.dbname(DATABASE).connect(NoTls).await?;
        let task = tokio::spawn(connection);
        let done = client.batch_execute(include_str!("../../sql/server/after_upgrade.sql")).await;
        drop(client);
        task.abort();
        done?;
        self.new.stop_wholly().await?;
        fail::point("upgrade.looked_over");
        Ok(())
    }
}

impl Shape {
    fn arguments(&self, major: u32) -> Vec<String> {
        let mut arguments = vec![
            format!("--encoding={}", self.encoding),
            format!("--locale={}", self.ctype),
            format!("--lc-collate={}", self.collate),
        ];
        if self.checksums {
            arguments.push("--data-checksums".into());
        } else if major >= 18 {
            // From 18 on they are on unless one says no.
            arguments.push("--no-data-checksums".into());
        }
        arguments
    }
}

async fn shape(config: &tokio_postgres::Config) -> Result<Shape, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    let task = tokio::spawn(connection);
    let row = client.query_one(include_str!("../../sql/server/shape.sql"), &[]).await;
    drop(client);
    task.abort();
    let row = row?;
    Ok(Shape {
        encoding: row.get(0),
        collate: row.get(1),
        ctype: row.get(2),
        checksums: row.get(3),
    })
}

/// Puts the old cluster aside and the new one in its place.
fn switch(layout: &Layout, kept: &Path) -> Result<(), Error> {
    let (building, whole, data) = (building(layout), whole(layout), &layout.data);
    let rename = |from: &Path, to: &Path| {
        fs::rename(from, to).map_err(io("move into place", from))?;
        fs::File::open(data).and_then(|folder| folder.sync_all()).map_err(io("write", data))
    };
    rename(&building, &whole)?;
    fail::point("upgrade.whole");
    rename(&layout.postgres, kept)?;
    fail::point("upgrade.set_aside");
    rename(&whole, &layout.postgres)?;
    fail::point("upgrade.in_place");
    let work = workplace(layout);
    fs::remove_dir_all(&work).map_err(io("remove", &work))
}
