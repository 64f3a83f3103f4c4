//! Kills as lines of text: one page, or all of them, a chunk of kills in memory at a time.

use std::io::Write;

use noctis_core::question::Question;

use super::{Asking, show};
use crate::answer::{self, CHUNK_KILLS_MAX, Shape};
use crate::clock;
use crate::kills::{Kills, Page};

/// Writes a page, or with `all` one after another to the end. A page may be empty before the end: then its cursor goes
/// on. In the order of arrival there is always a cursor, and the end is where it stays the same.
#[allow(clippy::print_stderr, reason = "the answer is on standard output; this says how to go on")]
pub(super) async fn export(
    asking: &Asking,
    mut question: Question,
    (all, kills): (bool, &Kills),
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let shape = Shape::of(&question);
    out.write_all(answer::heading(shape).as_bytes())?;
    let mut count = 0;
    // Bounded by the question's range: each page begins where the one before has ended.
    loop {
        let now = clock::now();
        let Page { keys, next, .. } = kills.page(&asking.catalogue, &question, now).await?;
        for chunk in keys.chunks(CHUNK_KILLS_MAX) {
            let lines = answer::lines(kills, &asking.catalogue, shape, chunk).await?;
            out.write_all(&lines)?;
        }
        count += keys.len() as u64;
        let Some(next) = next else { break };
        let is_end = keys.is_empty() && question.cursor.as_ref() == Some(&next);
        let next = next.encode();
        if !all || is_end {
            let count = show::counted(count);
            eprintln!("noctis: {count}; for the next page add --cursor {next}");
            break;
        }
        question = asking.question(&kills.client().await?, Some(&next)).await?;
    }
    Ok(out.flush()?)
}
