//! Kills as lines of text: one page, or all of them, a chunk of kills in memory at a time.

use std::io::Write;

use noctis_store::killmails;

use super::{Asking, show};
use crate::answer::{self, CHUNK_KILLS_MAX};
use crate::clock;
use crate::database::Database;

/// Writes a page, or with `all` one after another to the end. A page may be empty before the end: then its cursor goes
/// on. In the order of arrival there is always a cursor, and the end is where it stays the same.
#[allow(clippy::print_stderr, reason = "the answer is on standard output; this says how to go on")]
pub(super) async fn export(
    asking: &Asking,
    all: bool,
    database: &Database,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    out.write_all(answer::heading(asking.shape).as_bytes())?;
    let mut cursor: Option<String> = None;
    let mut count = 0;
    // Bounded by the question's range: each page begins where the one before has ended.
    loop {
        let question = asking.question(cursor.as_deref())?;
        let client = database.store.client().await?;
        let (keys, next) = killmails::keys(&client, &question, clock::now()).await?;
        for chunk in keys.chunks(CHUNK_KILLS_MAX) {
            let lines = answer::lines(&client, &asking.catalogue, asking.shape, chunk).await?;
            out.write_all(&lines)?;
        }
        count += keys.len() as u64;
        let Some(next) = next else { break };
        let is_end = keys.is_empty() && question.cursor.as_ref() == Some(&next);
        if !all || is_end {
            eprintln!(
                "noctis: {}; for the next page add --cursor {}",
                show::counted(count),
                next.encode()
            );
            break;
        }
        cursor = Some(next.encode());
    }
    Ok(out.flush()?)
}
