//! Templates: one migrated database for each fingerprint, made once, cloned for each test.

use std::fmt::Display;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::shared::{Shared, sentence};

/// How often the template lock is tried, [`TRY_EVERY`] apart: two minutes.
const LOCK_TRIES_MAX: u32 = 6_000;
const TRY_EVERY: Duration = Duration::from_millis(20);

/// How often a clone is tried: another process may sweep the template just then.
const CLONE_TRIES_MAX: u32 = 3;

const EXISTS: &str = include_str!("../../sql/testing/database_exists.sql");

/// Makes the database `name` from the template of `fingerprint`, and that one first if need be.
pub(super) async fn clone<E: Display>(
    shared: &Shared,
    name: &str,
    fingerprint: &str,
    migrate: impl AsyncFn(&mut Client) -> Result<(), E>,
) -> Result<(), String> {
    let digest = Sha256::digest(fingerprint.as_bytes());
    let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let template = format!("noctis_template_{short}");
    let client = shared.connect(None).await?;
    for _ in 0..CLONE_TRIES_MAX {
        if !exists(&client, &template).await? {
            make(shared, &client, &template, &migrate).await?;
        }
        if clone_or_gone(&client, name, &template).await? {
            return Ok(());
        }
    }
    Err(format!("{template} is swept again and again"))
}

/// False if the template is gone.
async fn clone_or_gone(client: &Client, name: &str, template: &str) -> Result<bool, String> {
    let statement = statement(client, "clone", name, template).await?;
    match client.batch_execute(&statement).await {
        Ok(()) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_DATABASE) => Ok(false),
        Err(error) => Err(sentence(&error)),
    }
}

/// Makes the template under another name and renames it when it is whole.
async fn make<E: Display>(
    shared: &Shared,
    client: &Client,
    template: &str,
    migrate: &impl AsyncFn(&mut Client) -> Result<(), E>,
) -> Result<(), String> {
    // The lock ends with this session, so with this process at the latest.
    let locker = shared.connect(None).await?;
    take_lock(&locker).await?;
    if exists(client, template).await? {
        return Ok(());
    }
    let unfinished = format!("{template}_new");
    run(client, "drop", &unfinished, "").await?;
    run(client, "create", &unfinished, "").await?;
    let mut migrating = shared.connect(Some(&unfinished)).await?;
    migrate(&mut migrating).await.map_err(|error| format!("the migration failed: {error}"))?;
    drop(migrating);
    run(client, "close", &unfinished, "").await?;
    run(client, "rename", &unfinished, template).await
}

async fn take_lock(locker: &Client) -> Result<(), String> {
    const TRY: &str = include_str!("../../sql/testing/try_template_lock.sql");
    for _ in 0..LOCK_TRIES_MAX {
        let row = locker.query_one(TRY, &[]).await.map_err(|error| sentence(&error))?;
        if row.get(0) {
            return Ok(());
        }
        tokio::time::sleep(TRY_EVERY).await;
    }
    Err("another process has been making the template for two minutes".to_owned())
}

/// Drops what test processes left that are gone, and templates nobody will use.
pub(super) async fn sweep(client: &Client) {
    for query in [
        include_str!("../../sql/testing/leftovers.sql"),
        include_str!("../../sql/testing/old_templates.sql"),
    ] {
        for row in client.query(query, &[]).await.unwrap_or_default() {
            // Another process may be dropping the same one.
            let _ = run(client, "drop", row.get(0), "").await;
        }
    }
}

async fn exists(client: &Client, name: &str) -> Result<bool, String> {
    client.query_one(EXISTS, &[&name]).await.map(|row| row.get(0)).map_err(|error| sentence(&error))
}

async fn statement(client: &Client, verb: &str, name: &str, other: &str) -> Result<String, String> {
    const STATEMENT: &str = include_str!("../../sql/testing/statement.sql");
    let row = client.query_one(STATEMENT, &[&verb, &name, &other]).await;
    row.map(|row| row.get(0)).map_err(|error| sentence(&error))
}

/// Does `verb` to the database `name`.
pub(super) async fn run(
    client: &Client,
    verb: &str,
    name: &str,
    other: &str,
) -> Result<(), String> {
    let statement = statement(client, verb, name, other).await?;
    client.batch_execute(&statement).await.map_err(|error| sentence(&error))
}
