//! Migrations: numbered SQL files, forward only, each in a transaction, applied under a polled advisory lock.

mod indexes;

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_postgres::Client;

use crate::advisory::AdvisoryLock;
use crate::partitions::index_rollout::{self, Limits, RolledOut};
use crate::{Error, Result};

pub use indexes::INDEXES;

/// A migration as it is compiled in.
pub struct Migration {
    pub version: i32,
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        /// All migrations, in order.
        pub const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*];
    };
}

migrations! {
    1 "0001_store",
    2 "0002_killmails",
    3 "0003_entities",
    4 "0004_eve_views",
    5 "0005_prices",
    6 "0006_static_data",
    7 "0007_asking",
    8 "0008_names",
    9 "0009_eve_views",
    10 "0010_lifecycle",
    11 "0011_presence",
    12 "0012_suggest",
}

/// What the role that reads may see; safe to repeat.
pub(crate) const GRANTS: &str = include_str!("../sql/store/grants.sql");

/// The advisory lock of migrations: "noctis" and 1. Another noctis may be migrating: for a minute that is waited for.
pub const LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_0001,
    name: "migration",
    poll: Duration::from_millis(100),
    polls_max: 600,
};

/// The schema version this noctis needs.
pub fn known_version() -> i32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// A hash over all migrations, for templates of test databases.
pub fn fingerprint() -> String {
    let mut hasher = Sha256::new();
    MIGRATIONS.iter().for_each(|migration| hasher.update(migration.sql));
    hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Brings the schema to this noctis' version and says which migrations were applied.
///
/// Of [`INDEXES`] it makes what takes no time: all of them where there is no leaf yet. [`build_indexes`] does the rest.
pub async fn migrate(client: &mut Client) -> Result<Vec<&'static str>> {
    let applied = migrate_to(client, known_version()).await?;
    if !index_rollout::has_leaves(client).await? {
        build_indexes(client, Limits::default()).await?;
    }
    Ok(applied)
}

/// Builds what leaves lack of [`INDEXES`], beside readers and writers. It may take long; cut off, it goes on at the next call.
pub async fn build_indexes(client: &mut Client, limits: Limits) -> Result<Vec<RolledOut>> {
    index_rollout::roll_out(client, INDEXES, limits).await
}

/// Applies migrations up to a version; tests use it to put rows between two migrations.
pub async fn migrate_to(client: &mut Client, version: i32) -> Result<Vec<&'static str>> {
    let held = LOCK.take(client).await?;
    let applied = apply(held.client, version).await;
    let released = held.release().await;
    applied.and_then(|applied| released.map(|()| applied))
}

/// Refuses a schema that is not the one this noctis was made for.
pub async fn check(client: &Client) -> Result<()> {
    let found = version(client).await?;
    let known = known_version();
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(Error::SchemaOlder { found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(Error::SchemaNewer { found, known }),
    }
}

/// The first migration that was applied with another text than it has here.
pub async fn changed(client: &Client) -> Result<Option<&'static str>> {
    let found = version(client).await?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= found) {
        if !is_as_applied(client, migration).await? {
            return Ok(Some(migration.name));
        }
    }
    Ok(None)
}

async fn is_as_applied(client: &Client, migration: &Migration) -> Result<bool> {
    let sql = include_str!("../sql/store/migration_hash.sql");
    let row = client.query_one(sql, &[&migration.version]).await?;
    Ok(row.get::<_, Vec<u8>>(0) == Sha256::digest(migration.sql).to_vec())
}

/// The schema version found; 0 in an empty database.
pub async fn version(client: &Client) -> Result<i32> {
    let there: bool =
        client.query_one(include_str!("../sql/store/has_migrations.sql"), &[]).await?.get(0);
    if !there {
        return Ok(0);
    }
    Ok(client.query_one(include_str!("../sql/store/schema_version.sql"), &[]).await?.get(0))
}

async fn apply(client: &mut Client, up_to: i32) -> Result<Vec<&'static str>> {
    let known = known_version();
    let found = version(client).await?;
    if found > known {
        return Err(Error::SchemaNewer { found, known });
    }
    if found == 0 {
        client.batch_execute(include_str!("../sql/store/create_migrations.sql")).await?;
    }
    let mut applied = Vec::new();
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= up_to) {
        if migration.version <= found {
            if !is_as_applied(client, migration).await? {
                return Err(Error::MigrationChanged(migration.name.to_owned()));
            }
            continue;
        }
        let sha256 = Sha256::digest(migration.sql).to_vec();
        let transaction = client.transaction().await?;
        transaction.batch_execute(migration.sql).await?;
        transaction
            .execute(
                include_str!("../sql/store/record_migration.sql"),
                &[&migration.version, &migration.name, &sha256],
            )
            .await?;
        transaction.commit().await?;
        applied.push(migration.name);
    }
    if up_to == known {
        client.batch_execute(GRANTS).await?;
    }
    Ok(applied)
}
