//! Drift: the catalog and the rows compared with what they should be, and mended where that is safe.
//!
//! What is a difference is decided in [`noctis_core::drift`]; here it is looked for and repaired.

mod ddl;
mod figures;
mod look;
mod mend;
mod rows;

use jiff::Timestamp;
use noctis_core::drift::{Drift, Role, Should, Snapshot, find};
use noctis_core::partition::{Member, Policy};
use tokio_postgres::Client;

pub use figures::{LedgerFigures, figures};
pub use look::{Depth, look};
pub use mend::{Rules, mend};
pub use rows::{COUNT_TIME_DEEP_MAX, COUNT_TIME_MAX, Counted, count};

use crate::Result;
use crate::migrate::INDEXES;

/// Rows of a DEFAULT partition are counted up to this.
const DEFAULT_ROWS_MAX: i64 = 1_000_000;

/// What the catalog shows, and the differences in it.
///
/// # Errors
/// When the database refuses.
pub async fn examine(
    client: &Client,
    policy: &Policy,
    now: Timestamp,
    depth: Depth,
) -> Result<(Snapshot, Vec<Drift>)> {
    let mut snapshot = look(client, depth).await?;
    if depth == Depth::Closely {
        for table in &mut snapshot.tables {
            if matches!(table.role, Role::Leaf { range: None, .. }) {
                let count = ddl::count(&table.name, DEFAULT_ROWS_MAX);
                table.rows_counted = Some(client.query_one(&count, &[]).await?.get(0));
            }
        }
    }
    let keys = Member::ALL.map(|member| (member, primary_key(member)));
    let indexes: Vec<(Member, &str)> =
        INDEXES.iter().map(|one| (one.member, one.name)).chain(keys).collect();
    let drifts = find(&snapshot, &Should { now, policy, indexes: &indexes });
    Ok((snapshot, drifts))
}

/// As PostgreSQL calls it.
fn primary_key(member: Member) -> &'static str {
    match member {
        Member::Raw => "killmails_raw_pkey",
        Member::Enriched => "killmails_enriched_pkey",
        Member::Participants => "killmail_participants_pkey",
    }
}
