//! Makes the grams of all names anew, beside those that are asked meanwhile, and swaps them.
//!
//! Memory: [`KEYS_MAX`] keys, and four [`BATCH_GRAMS`] of grams on their way. Disk, for the time it takes: the folded names
//! in a file, and both tables a second time.

mod names_file;

use std::path::Path;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use noctis_core::suggest::fold;
use noctis_core::suggest::smallest::KEYS_MAX;
use noctis_core::suggest::tree::{Gram, KINDS};
use tokio::sync::mpsc;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::Built;
use crate::advisory::AdvisoryLock;
use crate::{Error, Result, Store};
use names_file::NamesFile;

/// The advisory lock of those who make grams: "noctis" and 12.
pub const LOCK: AdvisoryLock = AdvisoryLock {
    key: 0x6e6f_6374_6973_000c,
    name: "suggest",
    poll: Duration::ZERO,
    polls_max: 1,
};
/// Grams that are handed over at a time.
const BATCH_GRAMS: usize = 4_096;
/// Batches on their way to the database.
const BATCHES_MAX: usize = 4;
/// The old tables may be read without a pause: so often the swap is tried, for 200 ms each.
const SWAP_TRIES_MAX: u32 = 300;
const SWAP_PAUSE: Duration = Duration::from_millis(300);
/// So many names get a number.
const NAMES_MAX: u32 = i32::MAX.cast_unsigned() / KINDS - 1;
/// Progress is logged after so many names.
const NAMES_TOLD: u32 = 1_000_000;

/// Makes grams of all names as they are now; `folder` takes the file of names meanwhile. Cut off at any point, it leaves
/// what was there.
///
/// # Errors
/// [`Error::Locked`] while another is at it; when the database does not answer, or the file cannot be written.
pub async fn build(store: &Store, folder: &Path) -> Result<Built> {
    let began = Instant::now();
    let mut reader = store.client().await?;
    let held = LOCK.take(&mut reader).await?;
    let mut writer = store.client().await?;
    writer.batch_execute(include_str!("../../sql/suggest/create_new.sql")).await?;
    let mut file = NamesFile::create(folder).map_err(|error| cannot_write(folder, &error))?;
    let (as_of, names) = write_names(held.client, &writer, &mut file).await?;
    tracing::info!(names, "names are in order; their grams are next");
    let grams = write_grams(&writer, file).await?;
    tracing::info!(grams, "grams are written; their index is next");
    writer.batch_execute(include_str!("../../sql/suggest/index_new.sql")).await?;
    let seconds = began.elapsed().as_secs_f64();
    let built = Built { as_of, names, grams, seconds };
    swap(&mut writer, &built).await?;
    held.release().await?;
    Ok(built)
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> Error {
    let folder = folder.display();
    Error::Refused(format!("the names cannot be written into a file in {folder}: {error}"))
}

/// Numbers all names by activity, into the new table and into the file; says when that was, and how many there are.
async fn write_names(
    reader: &mut Client,
    writer: &Client,
    file: &mut NamesFile,
) -> Result<(Timestamp, i64)> {
    let moment = reader.transaction().await?;
    moment.batch_execute(include_str!("../../sql/suggest/read_at_once.sql")).await?;
    let as_of = moment.query_one(include_str!("../../sql/suggest/now.sql"), &[]).await?.get(0);
    let none: [&(dyn ToSql + Sync); 0] = [];
    let rows = moment.query_raw(include_str!("../../sql/suggest/names.sql"), none).await?;
    let mut rows = pin!(rows);
    let sink = writer.copy_in(include_str!("../../sql/suggest/copy_names.sql")).await?;
    let types = [Type::INT4, Type::INT8, Type::INT8, Type::TEXT, Type::TEXT];
    let mut copy = pin!(BinaryCopyInWriter::new(sink, &types));
    let mut names = 0;
    while let Some(row) = rows.try_next().await? {
        if names == NAMES_MAX {
            return Err(Error::Refused(format!("more than {NAMES_MAX} names cannot be numbered")));
        }
        let kind: i32 = row.get(0);
        let no = names * KINDS + kind.cast_unsigned();
        let (id, name, ticker): (i64, &str, Option<&str>) = (row.get(1), row.get(2), row.get(3));
        let (number, activity): (i32, i64) = (no.cast_signed(), row.get(4));
        copy.as_mut().write(&[&number, &activity, &id, &name, &ticker]).await?;
        for text in std::iter::once(name).chain(ticker) {
            file.push(no, &fold(text)).map_err(|error| file.cannot_go_on(&error))?;
        }
        names += 1;
        if names % NAMES_TOLD == 0 {
            tracing::info!(names, "putting names in order");
        }
    }
    copy.finish().await?;
    moment.rollback().await?;
    Ok((as_of, names.into()))
}

/// Writes the grams of the file's names into the new table; says how many there are.
async fn write_grams(writer: &Client, mut file: NamesFile) -> Result<i64> {
    let (send, mut batches) = mpsc::channel::<Vec<Gram>>(BATCHES_MAX);
    // It ends by itself when nobody takes its grams any more.
    let making = tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH_GRAMS);
        let made = file.grams(KEYS_MAX, |gram| {
            batch.push(gram);
            batch.len() < BATCH_GRAMS || send.blocking_send(std::mem::take(&mut batch)).is_ok()
        });
        let _ = send.blocking_send(batch);
        made.map_err(|error| file.cannot_go_on(&error))
    });
    let sink = writer.copy_in(include_str!("../../sql/suggest/copy_grams.sql")).await?;
    let types = [Type::BYTEA, Type::BOOL, Type::INT4_ARRAY];
    let mut copy = pin!(BinaryCopyInWriter::new(sink, &types));
    let mut grams = 0;
    while let Some(batch) = batches.recv().await {
        for Gram { gram, is_heavy, names } in &batch {
            let names: Vec<i32> = names.iter().map(|no| no.cast_signed()).collect();
            copy.as_mut().write(&[gram, is_heavy, &names]).await?;
            grams += 1;
        }
    }
    making.await.map_err(|error| Error::Refused(format!("making grams failed: {error}")))??;
    copy.finish().await?;
    Ok(grams)
}

async fn swap(writer: &mut Client, built: &Built) -> Result<()> {
    for _ in 1..SWAP_TRIES_MAX {
        match try_swap(writer, built).await {
            Err(Error::Database(error))
                if error.code() == Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE) =>
            {
                tokio::time::sleep(SWAP_PAUSE).await;
            }
            done => return done,
        }
    }
    try_swap(writer, built).await
}

async fn try_swap(writer: &mut Client, built: &Built) -> Result<()> {
    let Built { as_of, names, grams, seconds } = built;
    let transaction = writer.transaction().await?;
    transaction.batch_execute(include_str!("../../sql/suggest/swap.sql")).await?;
    let record = include_str!("../../sql/suggest/record.sql");
    transaction.execute(record, &[as_of, names, grams, seconds]).await?;
    Ok(transaction.commit().await?)
}
