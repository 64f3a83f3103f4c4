//! Locks on work rather than on rows: PostgreSQL's advisory locks of a session, polled and given back.
//!
//! Polled, since waiting inside `pg_advisory_lock()` holds a snapshot that `CREATE INDEX CONCURRENTLY` would wait for in
//! turn. A lock goes with its session when its holder dies.

use std::time::Duration;

use futures_util::FutureExt;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use crate::{Error, Result};

const UNLOCK: &str = include_str!("../sql/store/unlock.sql");

/// A lock that one session may hold at a time.
#[derive(Clone, Copy, Debug)]
pub struct AdvisoryLock {
    pub key: i64,
    /// What it guards, for the sentence that tells it is taken.
    pub name: &'static str,
    pub poll: Duration,
    /// Polls before the lock counts as taken for good.
    pub polls_max: u32,
}

/// A lock in this session's hand, and the session: given back with [`Held::release`], or when dropped.
pub struct Held<'a> {
    pub client: &'a mut Client,
    key: i64,
    released: bool,
}

impl AdvisoryLock {
    /// Takes the lock. [`Error::Locked`] when another session kept it through all polls.
    pub async fn take<'a>(&self, client: &'a mut Client) -> Result<Held<'a>> {
        // Made before the lock is had, so that a task dropped while it asks leaves no lock behind in a pooled session.
        let mut held = Held { client, key: self.key, released: false };
        for poll in 0..self.polls_max {
            if poll > 0 {
                tokio::time::sleep(self.poll).await;
            }
            let query = include_str!("../sql/store/try_lock.sql");
            if held.client.query_one(query, &[&self.key]).await?.get(0) {
                return Ok(held);
            }
        }
        held.released = true;
        Err(Error::Locked(self.name))
    }
}

impl Held<'_> {
    /// Gives the lock back.
    pub async fn release(mut self) -> Result<()> {
        self.client.query_typed(UNLOCK, &[(&self.key, Type::INT8)]).await?;
        self.released = true;
        Ok(())
    }
}

impl Drop for Held<'_> {
    /// Whoever drops a task midway hands its session back to the pool: without its lock. The message is sent at the
    /// first poll; its answer is nobody's concern, nor is the warning where the lock was not held.
    fn drop(&mut self) {
        if !self.released && !self.client.is_closed() {
            let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&self.key, Type::INT8)];
            let _ = self.client.query_typed(UNLOCK, &parameters).now_or_never();
        }
    }
}
