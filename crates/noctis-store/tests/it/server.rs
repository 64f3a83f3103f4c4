//! The PostgreSQL that noctis runs itself: each test has a data folder, hence a server, of its own.

mod listening;
mod locks;
mod refusals;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use noctis_store::server::{Cluster, ClusterOptions, Durability, Progress, Reporter};
use rustix::process::{Pid, Signal};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// A data folder that PostgreSQL's account can pass; a server a failed test left in it dies with it.
struct Folder {
    folder: tempfile::TempDir,
    data: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let data = folder.path().join("data");
        Self { folder, data }
    }

    fn options(&self) -> ClusterOptions {
        options(&self.data)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(pid) = running(&self.data) {
            let _ = rustix::process::kill_process(pid, Signal::QUIT);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
fn options(data: &Path) -> ClusterOptions {
    let mut options = ClusterOptions::new(data);
    options.path = std::env::var("PATH").ok().map(Into::into);
    options.bin_dir = std::env::var("NOCTIS_TEST_PG_BINDIR").ok().map(Into::into);
    options.durability = Durability::Off;
    options
}

/// The server's process by its own file, which it removes when it ends.
fn running(data: &Path) -> Option<Pid> {
    let text = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn shown(client: &Client, setting: &str) -> String {
    client.query_one("SELECT current_setting($1)", &[&setting]).await.unwrap().get(0)
}

#[tokio::test]
async fn two_who_join_share_one_server_and_the_last_to_leave_stops_it() {
    let folder = Folder::new();
    let mut options = folder.options();
    let (tell, told) = std::sync::mpsc::channel();
    options.reporter = Reporter::new(move |progress| tell.send(progress).unwrap());
    let (first, second) = tokio::join!(Cluster::join(&options), Cluster::join(&options));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.postmaster_pid(), second.postmaster_pid());
    let told: Vec<Progress> = told.try_iter().collect();
    let created = told.iter().filter(|progress| **progress == Progress::Creating).count();
    assert_eq!(created, 1, "{told:?}");
    assert!(told.contains(&Progress::Waiting { seconds: 0 }), "{told:?}");

    first.leave().await.unwrap();
    connect(&second.owner_config()).await.batch_execute("CREATE TABLE kept ()").await.unwrap();
    second.leave().await.unwrap();
    assert_eq!(running(&folder.data), None);

    let third = Cluster::join(&folder.options()).await.unwrap();
    connect(&third.owner_config()).await.batch_execute("TABLE kept").await.unwrap();
    third.leave().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_recovers_at_the_next_join() {
    let folder = Folder::new();
    let mut options = folder.options();
    options.durability = Durability::On;
    let mut first = Cluster::join(&options).await.unwrap();
    let client = connect(&first.owner_config()).await;
    client.batch_execute("CREATE TABLE kept (); INSERT INTO kept DEFAULT VALUES").await.unwrap();
    let killed = first.postmaster_pid();
    rustix::process::kill_process(Pid::from_raw(killed).unwrap(), Signal::KILL).unwrap();

    let second = Cluster::join(&options).await.unwrap();
    assert_ne!(second.postmaster_pid(), killed);
    let client = connect(&second.owner_config()).await;
    let count: i64 = client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0);
    assert_eq!(count, 1);

    first.revive().await.unwrap();
    assert_eq!(first.postmaster_pid(), second.postmaster_pid());
    first.leave().await.unwrap();
    second.leave().await.unwrap();
}

#[tokio::test]
async fn the_server_is_durable_checked_and_in_a_session_of_its_own() {
    let folder = Folder::new();
    let mut options = folder.options();
    options.durability = Durability::On;
    let cluster = Cluster::join(&options).await.unwrap();
    let client = connect(&cluster.reader_config()).await;
    for setting in ["fsync", "full_page_writes", "synchronous_commit", "data_checksums"] {
        assert_eq!(shown(&client, setting).await, "on", "{setting}");
    }
    assert_eq!(shown(&client, "listen_addresses").await, "");
    assert_eq!(shown(&client, "TimeZone").await, "UTC");
    assert_eq!(shown(&client, "server_encoding").await, "UTF8");
    assert!(shown(&client, "server_version").await.starts_with(cluster.version()));

    let pid = Pid::from_raw(cluster.postmaster_pid()).unwrap();
    assert_eq!(rustix::process::getsid(Some(pid)), Ok(pid), "it leads a session of its own");
    assert_eq!(rustix::process::getpgid(Some(pid)), Ok(pid), "and a process group");
    cluster.leave().await.unwrap();
}

#[tokio::test]
async fn neither_the_server_nor_our_roles_are_root() {
    let folder = Folder::new();
    let cluster = Cluster::join(&folder.options()).await.unwrap();
    let server = fs::metadata(folder.data.join("postgres/postmaster.pid")).unwrap().uid();
    assert_ne!(server, 0);
    let socket_folder = fs::metadata(folder.data.join("run")).unwrap();
    assert_eq!((socket_folder.mode() & 0o777, socket_folder.uid()), (0o700, server));

    let query = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user";
    for config in [cluster.owner_config(), cluster.reader_config()] {
        let row = connect(&config).await.query_one(query, &[]).await.unwrap();
        assert!(!row.get::<_, bool>(0), "{config:?}");
    }
    // What the migrations need of the owner, and the reader may not.
    let extension = "CREATE EXTENSION pg_trgm; CREATE SCHEMA eve";
    connect(&cluster.owner_config()).await.batch_execute(extension).await.unwrap();
    let refused =
        connect(&cluster.reader_config()).await.batch_execute("CREATE TABLE mine ()").await;
    assert!(refused.is_err());
    cluster.leave().await.unwrap();
}

#[tokio::test]
async fn a_data_folder_too_deep_for_a_socket_has_it_in_the_temporary_folder() {
    let mut folder = Folder::new();
    folder.data = folder.data.join("d".repeat(60)).join("e".repeat(60));
    fs::create_dir_all(&folder.data).unwrap();
    let cluster = Cluster::join(&folder.options()).await.unwrap();
    let config = cluster.owner_config();
    connect(&config).await.batch_execute("SELECT 1").await.unwrap();
    let [Host::Unix(socket)] = config.get_hosts() else { panic!("{config:?}") };
    assert_eq!(socket.parent(), Some(std::env::temp_dir().as_path()));
    assert_eq!(fs::metadata(socket).unwrap().mode() & 0o777, 0o700);
    cluster.leave().await.unwrap();
    fs::remove_dir(socket).unwrap();
}
