//! A transaction of statements that may wait for its locks only so long: tried again with a longer wait, put off at last.

use tokio_postgres::Client;

use super::tries::{Tries, Waits};
use super::{LockBudget, ddl};
use crate::Result;

/// Runs `first` under the budget and `then` without it, in one transaction.
///
/// `first` takes every lock that somebody may wait behind; it is repeated, with `then`, until the locks were had. `tables` are
/// those whose users are named when they were not.
///
/// # Errors
/// [`crate::Error::LockBudget`] with who is in the way when all tries were in vain; what PostgreSQL refused.
pub async fn within(
    client: &mut Client,
    budget: LockBudget,
    tables: &[String],
    first: &[String],
    then: &[String],
) -> Result<Waits> {
    // Some of these locks keep writers or readers waiting, so none is taken for harmless.
    let mut tries = Tries::alone(budget);
    loop {
        // It ends: the last try's error comes back out of `again`.
        match once(client, tries.wait_ms(), first, then).await {
            Ok(()) => return Ok(tries.waits()),
            Err(error) => tries.again(error, client, tables).await?,
        }
    }
}

async fn once(client: &mut Client, wait_ms: u64, first: &[String], then: &[String]) -> Result<()> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
    for statement in first {
        transaction.batch_execute(statement).await?;
    }
    transaction.batch_execute(&ddl::lock_budget(0)).await?;
    for statement in then {
        transaction.batch_execute(statement).await?;
    }
    Ok(transaction.commit().await?)
}
