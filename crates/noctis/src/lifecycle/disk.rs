//! Whether there is room for what is about to be written.

use std::path::Path;

use anyhow::{Context, bail};
use noctis_archive::{Archive, Place};

use crate::import::disk::free_bytes;

/// What stays free beside the files of a part. They are smaller than its tables without indexes, which are asked for.
const ARCHIVE_MARGIN_BYTES: u64 = 256 << 20;
/// What stays free in the database's folder beside a month that comes back.
const RESTORE_MARGIN_BYTES: u64 = 1 << 30;
/// Tables, their indexes and what is written ahead of them, to files: measured 6 to 8 times as large, and room to sort.
const RESTORE_GROWTH: u64 = 10;

/// Room for the files of tables of this size, as far as the archive is a folder.
///
/// # Errors
/// When there is none, or nobody tells.
pub(super) fn room_for_files(archive: &Archive, tables_bytes: u64) -> anyhow::Result<()> {
    match archive.place() {
        Place::Folder(folder) => room(folder, tables_bytes + ARCHIVE_MARGIN_BYTES),
        Place::S3 { .. } => Ok(()),
    }
}

/// Room for the tables of files of this size, as far as the database's folder is on this machine.
///
/// # Errors
/// When there is none, or nobody tells.
pub(super) fn room_for_tables(folder: Option<&Path>, files_bytes: u64) -> anyhow::Result<()> {
    match folder {
        Some(folder) => room(folder, files_bytes * RESTORE_GROWTH + RESTORE_MARGIN_BYTES),
        None => Ok(()),
    }
}

fn room(folder: &Path, needed: u64) -> anyhow::Result<()> {
    let free = free_bytes(folder)
        .with_context(|| format!("asking how much is free at {}", folder.display()))?;
    if free < needed {
        bail!(
            "{} bytes are free at {} and {needed} are needed: make room, or let the archive be elsewhere",
            free,
            folder.display()
        );
    }
    Ok(())
}
