//! Measures the archive by itself on a generated month.
//!
//! `cargo run --release -p noctis-archive --example month make KILLS FOLDER` writes the three tables' `COPY` streams,
//! `… month write FOLDER ARCHIVE` archives them, `… month verify ARCHIVE` and `… month rows ARCHIVE` read them back; each
//! prints its speed and the most memory it had.
#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "an example prints what it measured, and rounds"
)]

#[path = "month/made_up.rs"]
mod made_up;

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use noctis_archive::{Archive, PartHead, Place};
use noctis_core::archive::{Manifest, PartName};
use noctis_core::partition::Member;
use uuid::Uuid;

/// As much is read of a stream at once; PostgreSQL sends a row at a time.
const READ_BYTES: usize = 16 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["make", kills, folder] => made_up::make(kills.parse()?, Path::new(folder))?,
        ["write", folder, archive] => write(Path::new(folder), &open(archive)?).await?,
        ["verify", archive] => verify(&open(archive)?).await?,
        ["rows", archive] => rows(&open(archive)?).await?,
        _ => {
            return Err(
                "make KILLS FOLDER | write FOLDER ARCHIVE | verify ARCHIVE | rows ARCHIVE".into()
            );
        }
    }
    println!("at most {:.0} MB of memory", memory_most()? as f64 / 1e3);
    Ok(())
}

fn open(path: &str) -> noctis_archive::Result<Archive> {
    Archive::open(&Place::Folder(PathBuf::from(path)))
}

async fn write(folder: &Path, archive: &Archive) -> Result<(), Box<dyn Error>> {
    let range = made_up::month();
    let name = PartName { month: "2025-06".to_owned(), part: 0 };
    if let Some(old) = archive.manifest(&name).await? {
        archive.remove(&old).await?;
    }
    let head = PartHead {
        store_id: Uuid::nil(),
        generation: 1,
        schema_version: 10,
        name,
        range,
        written_at: range.to,
        written_by: "the example".to_owned(),
    };
    let mut part = archive.write(head).await?;
    let began = Instant::now();
    for member in Member::ALL {
        let began = Instant::now();
        let mut file = std::fs::File::open(made_up::path(folder, member))?;
        let mut table = part.table(member);
        let mut copied = 0;
        loop {
            let mut chunk = vec![0; READ_BYTES];
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            copied += read;
            chunk.truncate(read);
            table.push(Bytes::from(chunk)).await?;
        }
        table.finish().await?;
        println!(
            "{}: {:.0} MB of rows in {:.2} s",
            member.table(),
            copied as f64 / 1e6,
            began.elapsed().as_secs_f64()
        );
    }
    let manifest = part.finish().await?;
    for file in &manifest.files {
        println!("{}: {:.1} MB", file.path, file.bytes as f64 / 1e6);
    }
    tell(&manifest, began.elapsed());
    Ok(())
}

async fn verify(archive: &Archive) -> Result<(), Box<dyn Error>> {
    for manifest in archive.manifests().await? {
        let began = Instant::now();
        archive.check_files(&manifest).await?;
        println!("hashes alone: {:.2} s", began.elapsed().as_secs_f64());
        let began = Instant::now();
        archive.verify(&manifest).await?;
        tell(&manifest, began.elapsed());
    }
    Ok(())
}

async fn rows(archive: &Archive) -> Result<(), Box<dyn Error>> {
    for manifest in archive.manifests().await? {
        let began = Instant::now();
        for member in Member::ALL {
            let (began, mut bytes) = (Instant::now(), 0);
            let mut rows = archive.rows(&manifest, member);
            while let Some(chunk) = rows.try_next().await? {
                bytes += chunk.len();
            }
            println!(
                "{}: {:.0} MB of rows in {:.2} s",
                member.table(),
                bytes as f64 / 1e6,
                began.elapsed().as_secs_f64()
            );
        }
        tell(&manifest, began.elapsed());
    }
    Ok(())
}

fn tell(manifest: &Manifest, took: Duration) {
    let rows: u64 = manifest.files.iter().map(|file| file.contents.rows).sum();
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let seconds = took.as_secs_f64();
    println!(
        "{} kills, {rows} rows, {:.1} MB in {seconds:.2} s: {:.0} kills/s, {:.0} rows/s",
        manifest.kills(),
        bytes as f64 / 1e6,
        manifest.kills() as f64 / seconds,
        rows as f64 / seconds
    );
}

/// The most memory this process had, in kB.
fn memory_most() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
