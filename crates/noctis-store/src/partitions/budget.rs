//! A transaction of statements that may wait for its locks only so long: tried again with a longer wait, put off at last.

use tokio_postgres::Client;

use super::tries::{Tries, Waits};
use super::{LockBudget, ddl};
use crate::Result;
use crate::ledger::{self, Entry};

/// What is done in one transaction.
pub struct Work<'a> {
    /// Whose users are named where they are in the way.
    pub tables: &'a [String],
    /// These take every lock that somebody may wait behind.
    pub first: &'a [String],
    /// These take none.
    pub then: &'a [String],
}

/// Runs `first` under the budget and `then` without it, in one transaction, with a line in the ledger where one is given.
///
/// All of it is repeated until the locks were had.
///
/// # Errors
/// [`crate::Error::LockBudget`] with who is in the way when all tries were in vain; what PostgreSQL refused.
pub async fn within(
    client: &mut Client,
    budget: LockBudget,
    work: Work<'_>,
    mut line: Option<&mut Entry>,
) -> Result<Waits> {
    // Some of these locks keep writers or readers waiting, so none is taken for harmless.
    let mut tries = Tries::alone(budget);
    loop {
        if let Some(line) = line.as_deref_mut() {
            line.waits = tries.waits();
        }
        // It ends: the last try's error comes back out of `again`.
        match once(client, tries.wait_ms(), &work, line.as_deref()).await {
            Ok(()) => return Ok(tries.waits()),
            Err(error) => tries.again(error, client, work.tables).await?,
        }
    }
}

async fn once(
    client: &mut Client,
    wait_ms: u64,
    work: &Work<'_>,
    line: Option<&Entry>,
) -> Result<()> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(&ddl::lock_budget(wait_ms)).await?;
    for statement in work.first {
        transaction.batch_execute(statement).await?;
    }
    transaction.batch_execute(&ddl::lock_budget(0)).await?;
    for statement in work.then {
        transaction.batch_execute(statement).await?;
    }
    if let Some(line) = line {
        ledger::append(&transaction, line).await?;
    }
    Ok(transaction.commit().await?)
}
