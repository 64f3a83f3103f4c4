//! PostgreSQL killed under us, on a cluster of its own.

use std::time::{Duration, Instant};

use noctis_archive::{Archive, Place};
use noctis_store::ingest::Ingester;
use noctis_store::server::{Cluster, ClusterOptions};
use noctis_store::testing::{catalogue, ingest_options};
use noctis_store::{Store, StoreOptions, migrate, static_data};
use rustix::process::{Pid, Signal, kill_process};

use super::{Address, everything, good, random};
use crate::program::said;
use crate::retiring::{LATER, at, batch, kill};
use crate::tables::assert_same;

/// How often the server is started again while what is left of the old one goes, a tenth of a second apart.
const STARTS_MAX: u32 = 300;

/// A cluster that may be killed.
pub(in crate::retiring) struct Mortal {
    pub(in crate::retiring) folder: tempfile::TempDir,
    options: ClusterOptions,
    pub(in crate::retiring) cluster: Cluster,
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests have no configuration: this is their one reader"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

impl Mortal {
    /// With the schema, static data and kills of two months of 2024.
    pub(in crate::retiring) async fn new() -> Mortal {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL runs as another account where we are root, and has to pass.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(folder.path(), permissions).unwrap();
        let mut options = ClusterOptions::new(folder.path().join("data"));
        options.path = variable("PATH");
        options.home = variable("HOME").map(Into::into);
        options.bin_dir = variable("NOCTIS_TEST_PG_BINDIR").map(Into::into);
        let cluster = Cluster::join(&options).await.unwrap();
        std::fs::create_dir(folder.path().join("archive")).unwrap();
        let mortal = Mortal { folder, options, cluster };
        let store = mortal.store().await;
        let mut client = store.client().await.unwrap();
        migrate::migrate(&mut client).await.unwrap();
        static_data::load(&mut client, &catalogue()).await.unwrap();
        let mut ingester = Ingester::new(&store, ingest_options()).await.unwrap();
        let mut kills = super::two_months();
        kills.push(kill(999, "2030-12-24T12:00:00Z"));
        assert_eq!(ingester.store(batch(&kills), at(LATER)).await.unwrap().stored, 61);
        mortal
    }

    pub(in crate::retiring) async fn store(&self) -> Store {
        let options = StoreOptions {
            config: self.cluster.owner_config(),
            connections_max: 4,
            statement_timeout: None,
        };
        Store::connect(options).await.unwrap()
    }

    pub(in crate::retiring) fn archive_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("archive")
    }

    /// Stopped, and started twice: as it is, and from a copy of its files.
    pub(in crate::retiring) async fn copied(self) -> (Mortal, Mortal) {
        let Mortal { folder, options, cluster } = self;
        cluster.leave().await.unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(elsewhere.path(), permissions).unwrap();
        let data = elsewhere.path().join("data");
        let mut copying = std::process::Command::new("cp");
        let did = copying.arg("-a").arg(&options.data_dir).arg(&data).status().unwrap();
        assert!(did.success());
        let mut of_copy = ClusterOptions::new(&data);
        of_copy.path.clone_from(&options.path);
        of_copy.home.clone_from(&options.home);
        of_copy.bin_dir.clone_from(&options.bin_dir);
        let cluster = Cluster::join(&options).await.unwrap();
        let of_files = Cluster::join(&of_copy).await.unwrap();
        let copy = Mortal { folder: elsewhere, options: of_copy, cluster: of_files };
        (Mortal { folder, options, cluster }, copy)
    }

    /// Killed as by a power cut, and started again.
    async fn die(&mut self) {
        kill_process(Pid::from_raw(self.cluster.postmaster_pid()).unwrap(), Signal::KILL).unwrap();
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        for _ in 0..STARTS_MAX {
            ticks.tick().await;
            if let Ok(cluster) = Cluster::join(&self.options).await {
                self.cluster = cluster;
                return;
            }
        }
        panic!("PostgreSQL does not start again");
    }
}

/// Deaths of the server in the gate, and at night.
const DEATHS: u32 = 2;
const DEATHS_AT_NIGHT: u32 = 50;

#[tokio::test]
async fn postgresql_killed_at_random_moments_loses_nothing() {
    die(DEATHS).await;
}

#[tokio::test]
#[ignore = "takes minutes; .ci/nightly runs it"]
async fn postgresql_killed_fifty_times_loses_nothing() {
    die(DEATHS_AT_NIGHT).await;
}

async fn die(times: u32) {
    let mut mortal = Mortal::new().await;
    let folder = mortal.archive_folder();
    let archive = Archive::open(&Place::Folder(folder.clone())).unwrap();
    let before = everything(&mortal.store().await.client().await.unwrap(), &archive).await;
    let mut longest = Duration::from_millis(1_500);
    let mut failed = 0;
    for turn in 0..times {
        let address = Address { url: mortal.cluster.owner_url(), archive: &folder };
        let mut command = if turn % 2 == 0 { address.apply() } else { address.restore() };
        let child = command.spawn().unwrap();
        let wait = Duration::from_micros(random(u64::try_from(longest.as_micros()).unwrap()));
        // Chance is what is tested.
        tokio::time::sleep(wait).await;
        mortal.die().await;
        failed += u32::from(said(child).status.code() != Some(0));
        let store = mortal.store().await;
        let client = store.client().await.unwrap();
        let when = format!("PostgreSQL killed after {wait:?}");
        assert_same(&everything(&client, &archive).await, &before, &when);
        let address = Address { url: mortal.cluster.owner_url(), archive: &folder };
        let mut again = if turn % 2 == 0 { address.apply() } else { address.restore() };
        let started = Instant::now();
        let completed = said(again.spawn().unwrap());
        assert!(completed.code() == 0 || turn % 2 == 1, "{}{}", completed.out, completed.err);
        longest = started.elapsed() * 3 / 2;
        assert_same(&everything(&client, &archive).await, &before, &format!("next run, {when}"));
    }
    good(Address { url: mortal.cluster.owner_url(), archive: &folder }.apply());
    let store = mortal.store().await;
    assert_same(&everything(&store.client().await.unwrap(), &archive).await, &before, "at the end");
    println!("PostgreSQL killed {times} times, {failed} runs failed by it");
    mortal.cluster.leave().await.unwrap();
}
