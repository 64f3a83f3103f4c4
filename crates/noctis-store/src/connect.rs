//! Connections: a pool whose sessions all speak UTC, and what of a server noctis cannot work with.

use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio_postgres::{Client, Config, NoTls};

use crate::{Error, Result};

/// PostgreSQL's oldest version that noctis runs on, as `server_version_num`.
const SERVER_VERSION_MIN: i32 = 150_000;
/// How long a caller waits for a connection before he is told.
const POOL_WAIT: Duration = Duration::from_secs(10);
/// Looks at a pair of connections before a pooler is ruled out.
const POOLER_PROBES: usize = 3;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub config: Config,
    pub connections_max: usize,
    /// The longest that one statement may run, whole milliseconds; nothing means the server's own setting. A pool
    /// that answers strangers has one.
    pub statement_timeout: Option<Duration>,
}

/// A PostgreSQL database that holds killmails, or will.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
}

impl Store {
    /// Opens a pool and looks at the server once.
    pub async fn connect(options: StoreOptions) -> Result<Store> {
        let statement_timeout = options.statement_timeout;
        let mut config = options.config;
        config.application_name("noctis").connect_timeout(POOL_WAIT);
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(options.connections_max)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .wait_timeout(Some(POOL_WAIT))
            .post_create(Hook::async_fn(move |client, _| {
                Box::pin(async move {
                    prepare_session(client, statement_timeout).await.map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| Error::Url(error.to_string()))?;
        let store = Store { pool };
        store.refuse_old_server().await?;
        Ok(store)
    }

    /// A connection of the pool; waits at most 10 s for one.
    pub async fn client(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }

    /// Connections in use and in all, for metrics.
    pub fn pool_status(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size - status.available.min(status.size), status.max_size)
    }

    pub fn close(&self) {
        self.pool.close();
    }

    async fn refuse_old_server(&self) -> Result<()> {
        let row = self
            .client()
            .await?
            .query_typed_one(include_str!("../sql/store/server_version.sql"), &[])
            .await?;
        let (number, text): (i32, String) = (row.get(0), row.get(1));
        if number < SERVER_VERSION_MIN { Err(Error::ServerTooOld(text)) } else { Ok(()) }
    }

    /// Migrations and maintenance need a session of their own. Two open connections that report one and the same
    /// server process share it, and one that reports another process than before has lost it: a transaction pooler is
    /// between.
    pub async fn refuse_pooler(&self) -> Result<()> {
        let (first, second) = (self.client().await?, self.client().await?);
        for _ in 0..POOLER_PROBES {
            let one = backend_pid(&first).await?;
            // Twice in a row, so that a pooler that hands its servers out in turn is out of step.
            let others = [backend_pid(&second).await?, backend_pid(&second).await?];
            let again = backend_pid(&first).await?;
            if others.contains(&one) || others[0] != others[1] || one != again {
                return Err(Error::TransactionPooler);
            }
        }
        Ok(())
    }
}

/// Asked without a prepared statement, which a transaction pooler may keep in another session.
pub(crate) async fn backend_pid(client: &Client) -> Result<i32> {
    Ok(client.query_typed_one(include_str!("../sql/store/backend_pid.sql"), &[]).await?.get(0))
}

/// UTC whatever the server's or the role's setting; lz4 where the server was built with it.
async fn prepare_session(
    client: &Client,
    statement_timeout: Option<Duration>,
) -> std::result::Result<(), tokio_postgres::Error> {
    client.batch_execute(include_str!("../sql/store/session.sql")).await?;
    if let Some(timeout) = statement_timeout {
        let milliseconds = timeout.as_millis().to_string();
        client
            .execute(include_str!("../sql/store/statement_timeout.sql"), &[&milliseconds])
            .await?;
    }
    Ok(())
}
