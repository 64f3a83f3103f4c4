//! Real and made-up killmails for tests, and storing them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::killmail::split::{Piece, Splitter};

use crate::ingest::{Batch, Incoming, IncomingWanted, Ingester, Outcome, Parked};

/// The folder of real killmails; None, said aloud, where it is missing.
#[allow(clippy::print_stdout, reason = "only tests call it, and say so when they check nothing")]
pub fn real_killmails() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/killmails");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no real killmails in ../shared/data/killmails");
    None
}

/// All real files, in the order of their names; None where the folder is missing.
///
/// # Panics
/// When one cannot be read.
pub fn real_files() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = real_killmails()?;
    let mut files = Vec::new();
    for folder in [folder.clone(), folder.join("forms")] {
        for entry in std::fs::read_dir(folder).expect("the folder of real killmails can be listed")
        {
            let path = entry.expect("the folder of real killmails can be listed").path();
            if path.is_file() {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path).expect("a real killmail can be read")));
            }
        }
    }
    files.sort();
    Some(files)
}

/// The inputs that a text consists of.
pub fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut splitter = Splitter::default();
    splitter.push(bytes);
    splitter.end();
    std::iter::from_fn(|| splitter.next_piece()).collect()
}

/// When the tests' killmails arrive.
pub fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("this is a time")
}

/// Stores a text in batches of at most `batch_max` inputs.
///
/// # Panics
/// When the store refuses.
pub async fn store_text(
    ingester: &mut Ingester,
    source: &str,
    text: &[u8],
    batch_max: usize,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut batch = Batch::default();
    let source: Arc<str> = source.into();
    for (index, piece) in pieces(text).into_iter().enumerate() {
        if index % batch_max == 0 {
            outcome.add(
                &ingester
                    .store(std::mem::take(&mut batch), now())
                    .await
                    .expect("the store takes a batch"),
            );
        }
        if let Some(incoming) = add(&mut batch, piece, &source) {
            outcome.add(
                &ingester
                    .store(std::mem::take(&mut batch), now())
                    .await
                    .expect("the store takes a batch"),
            );
            batch.add(*incoming).unwrap_or_else(|_| panic!("an empty batch takes any kill"));
        }
    }
    outcome.add(&ingester.store(batch, now()).await.expect("the store takes a batch"));
    outcome
}

/// Adds an input to a batch, or hands it back if the batch is full.
pub fn add(batch: &mut Batch, piece: Piece, source: &Arc<str>) -> Option<Box<Incoming>> {
    let source = Arc::clone(source);
    let recognised = recognise(&piece);
    let (killmail_id, bytes) = match piece {
        Piece::Value(bytes) | Piece::Broken(bytes, _) => (None, bytes),
        Piece::Entry { killmail_id, value } => (Some(killmail_id), value),
    };
    match recognised {
        Ok(Record::Mail(mail)) => {
            return batch.add(Incoming { mail: *mail, input: bytes, source }).err();
        }
        Ok(Record::Wanted(wanted)) => batch.want(IncomingWanted { wanted: *wanted, source }),
        Ok(Record::Nothing) => {}
        Err(rejected) => batch.park(Parked { bytes, killmail_id, rejected, source }),
    }
    None
}
