//! Real and made-up killmails for tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use noctis_core::enrich::enrich;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_core::killmail::split::{Piece, Splitter};
use noctis_store::ingest::{Batch, Incoming, IncomingWanted, Ingester, Outcome, Parked};
use noctis_store::testing::catalogue;

/// The folder of real killmails; None, said aloud, where it is missing.
pub(crate) fn real_killmails() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/killmails");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no real killmails in ../shared/data/killmails");
    None
}

/// All real files, in the order of their names.
pub(crate) fn real_files() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = real_killmails()?;
    let mut files = Vec::new();
    for folder in [folder.clone(), folder.join("forms")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files.push((
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    std::fs::read(&path).unwrap(),
                ));
            }
        }
    }
    files.sort();
    Some(files)
}

pub(crate) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut splitter = Splitter::default();
    splitter.push(bytes);
    splitter.end();
    std::iter::from_fn(|| splitter.next_piece()).collect()
}

/// When the tests' killmails arrive.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Stores a text in batches of at most `batch_max` inputs.
pub(crate) async fn store_text(
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
            outcome.add(&ingester.store(std::mem::take(&mut batch), now()).await.unwrap());
        }
        if let Some(incoming) = add(&mut batch, piece, &source) {
            outcome.add(&ingester.store(std::mem::take(&mut batch), now()).await.unwrap());
            batch.add(*incoming, &catalogue()).ok().unwrap();
        }
    }
    outcome.add(&ingester.store(batch, now()).await.unwrap());
    outcome
}

pub(crate) fn add(batch: &mut Batch, piece: Piece, source: &Arc<str>) -> Option<Box<Incoming>> {
    let source = Arc::clone(source);
    let recognised = recognise(&piece);
    let bytes = match piece {
        Piece::Value(bytes) | Piece::Broken(bytes, _) | Piece::Entry { value: bytes, .. } => bytes,
    };
    match recognised {
        Ok(Record::Mail(mail)) => {
            let enriched =
                enrich(&mail.killmail, mail.zkb.as_ref().map(|block| &block.zkb), &catalogue());
            return batch
                .add(Incoming { mail: *mail, enriched, input: bytes, source }, &catalogue())
                .err();
        }
        Ok(Record::Wanted(wanted)) => batch.want(IncomingWanted { wanted: *wanted, source }),
        Ok(Record::Nothing) => {}
        Err(rejected) => batch.park(Parked { bytes, killmail_id: None, rejected, source }),
    }
    None
}
