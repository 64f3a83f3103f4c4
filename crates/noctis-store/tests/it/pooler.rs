//! A transaction pooler is found out, with a real pgbouncer between; direct connections and a session pooler pass.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use noctis_store::testing::TestStore;
use noctis_store::{Error, Store, StoreOptions};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// How often pgbouncer is asked whether it listens, fifty milliseconds apart.
const ASKS_MAX: u32 = 200;

/// A pgbouncer in front of a test's database; it ends with this value.
struct Pooler {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Pooler {
    fn start(mode: &str, behind: &Config) -> Pooler {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = match &behind.get_hosts()[0] {
            Host::Unix(folder) => folder.display().to_string(),
            Host::Tcp(name) => name.clone(),
        };
        let (database, user) = (behind.get_dbname().unwrap(), behind.get_user().unwrap());
        let server_port = behind.get_ports().first().copied().unwrap_or(5432);
        let users = folder.path().join("users.txt");
        fs::write(&users, format!("\"{user}\" \"\"\n")).unwrap();
        let settings = format!(
            "[databases]\n{database} = host={host} port={server_port} dbname={database} user={user}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\nauth_file = {}\npool_mode = {mode}\n\
             ignore_startup_parameters = extra_float_digits\n",
            users.display()
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings).unwrap();
        let child = command(folder.path()).arg(&file).stderr(Stdio::null()).spawn().unwrap_or_else(
            |error| {
                panic!("pgbouncer does not start ({error}); on Debian: apt-get install pgbouncer")
            },
        );
        Pooler { child, port, _folder: folder }
    }

    async fn connect(&self, behind: &Config) -> Store {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port);
        config.user(behind.get_user().unwrap()).dbname(behind.get_dbname().unwrap());
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let mut problem = String::new();
        for _ in 0..ASKS_MAX {
            ticks.tick().await;
            let options = StoreOptions {
                config: config.clone(),
                connections_max: 3,
                statement_timeout: None,
            };
            match Store::connect(options).await {
                Ok(store) => return store,
                Err(error) => problem = error.to_string(),
            }
        }
        panic!("pgbouncer lets nobody through: {problem}");
    }
}

/// As root it refuses to run, so there it runs as the account that comes with PostgreSQL.
fn command(folder: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new("pgbouncer");
    }
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "pgbouncer"]);
    command
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn direct_connections_pass() {
    TestStore::new().await.store.refuse_pooler().await.unwrap();
}

#[tokio::test]
#[ignore = "needs the package pgbouncer; .ci/nightly installs it and runs this"]
async fn a_transaction_pooler_is_refused() {
    let test = TestStore::new().await;
    let behind = test.database.owner_config();
    let pooler = Pooler::start("transaction", &behind);
    let refused = pooler.connect(&behind).await.refuse_pooler().await;
    assert!(matches!(refused, Err(Error::TransactionPooler)), "{refused:?}");
}

#[tokio::test]
#[ignore = "needs the package pgbouncer; .ci/nightly installs it and runs this"]
async fn a_session_pooler_passes() {
    let test = TestStore::new().await;
    let behind = test.database.owner_config();
    let pooler = Pooler::start("session", &behind);
    pooler.connect(&behind).await.refuse_pooler().await.unwrap();
}
