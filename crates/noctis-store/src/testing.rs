//! A PostgreSQL database for each test, cloned from one migrated template on one server that all test processes share.
//!
//! The server is a cluster in the system's temporary folder, started by the first test process and stopped some seconds
//! after the last. `NOCTIS_TEST_DATABASE_URL` names another server to use (its role needs CREATEDB),
//! `NOCTIS_TEST_PG_BINDIR` other binaries. Without any server a test fails with one line; it is never skipped.

mod reading;
mod shared;
mod store;
mod template;

use std::fmt::Display;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, Config, NoTls};

use crate::server::READER;
use shared::Shared;

pub use reading::{add, now, pieces, real_files, real_killmails, store_text};
pub use store::{TestStore, catalogue, ingest_options};

/// A database of its own, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    shared: &'static Shared,
    name: String,
}

impl TestDatabase {
    /// A clone of the template that `migrate` made from an empty database.
    ///
    /// `fingerprint` stands for what `migrate` does: another one gives another template.
    ///
    /// # Panics
    /// With one line if there is no server or the migration fails.
    pub async fn new<E: Display>(
        fingerprint: &str,
        migrate: impl AsyncFn(&mut Client) -> Result<(), E>,
    ) -> Self {
        let shared = Shared::get().await;
        let name = next_name(shared);
        match template::clone(shared, &name, fingerprint, migrate).await {
            Ok(()) => Self { shared, name },
            Err(problem) => panic!("no test database: {problem}"),
        }
    }

    /// An empty database.
    ///
    /// # Panics
    /// With one line if there is no server.
    pub async fn empty() -> Self {
        let shared = Shared::get().await;
        let name = next_name(shared);
        let made = async {
            let client = shared.connect(None).await?;
            template::run(&client, "create", &name, "").await
        };
        match made.await {
            Ok(()) => Self { shared, name },
            Err(problem) => panic!("no test database: {problem}"),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its owner connects.
    #[must_use]
    pub fn owner_config(&self) -> Config {
        self.shared.config(Some(&self.name))
    }

    /// How the role that only reads connects.
    #[must_use]
    pub fn reader_config(&self) -> Config {
        let mut config = self.owner_config();
        config.user(READER);
        config
    }

    /// How its owner connects, as a URL for another program.
    #[must_use]
    pub fn owner_url(&self) -> String {
        self.shared.url(&self.name)
    }

    /// A connection as its owner.
    ///
    /// # Panics
    /// If the server is gone.
    pub async fn owner(&self) -> Client {
        connect(&self.owner_config()).await.expect("the tests' server accepts its owner")
    }

    /// A connection as the role that only reads.
    ///
    /// # Panics
    /// If the server is gone.
    pub async fn reader(&self) -> Client {
        connect(&self.reader_config()).await.expect("the tests' server accepts its reader")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.shared.drop_database(std::mem::take(&mut self.name));
    }
}

fn next_name(shared: &Shared) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("noctis_test_{}_{}", shared.keeper, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Connects and lets the connection run on the current runtime.
async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
