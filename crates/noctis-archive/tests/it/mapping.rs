//! Archives of older versions of the schema, kept in `tests/archives`, go on being read.

use std::path::{Path, PathBuf};

use noctis_archive::{Archive, PartHead, Place};
use noctis_core::archive::{Manifest, columns};
use noctis_core::partition::Member;

use crate::rows::{Streams, Value, head, int4s, june, kills, read, stream, write};

/// The versions of which an archive is kept: those at which the tables' columns changed, as far as archives go back, and
/// one before archives, which has none of the columns that came later.
const KEPT: [i32; 2] = [4, 10];
/// The newest version whose columns are today's.
const TODAY: i32 = 10;

fn kept(version: i32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/archives/schema-{version}"))
}

fn columns_that_came_later(version: i32, member: Member) -> &'static [&'static str] {
    match (version, member) {
        (4, Member::Raw) => &["item_type_ids"],
        (4, Member::Enriched) => &["own_value", "unpriced_count", "price_date"],
        _ => &[],
    }
}

/// The rows of an archive of this version: those columns that it had.
fn rows_at(version: i32, member: Member) -> Vec<Vec<Value>> {
    let later = columns_that_came_later(version, member);
    let is_kept = |place: &usize| !later.contains(&columns(member)[*place].name);
    let of_row =
        |row: &Vec<Value>| (0..row.len()).filter(is_kept).map(|place| row[place].clone()).collect();
    kills(5).rows(member).iter().map(of_row).collect()
}

/// What it must come back as.
fn rows_today(version: i32, member: Member) -> Vec<Vec<Value>> {
    let mut rows = kills(5).rows(member).to_vec();
    for row in &mut rows {
        for (place, column) in columns(member).iter().enumerate() {
            // What is computed is what it was: the bodies tell.
            if columns_that_came_later(version, member).contains(&column.name) && column.nullable {
                row[place] = None;
            }
        }
    }
    rows
}

async fn opened(version: i32) -> (Archive, Manifest) {
    let archive = Archive::open(&Place::Folder(kept(version))).unwrap();
    let manifests = archive.manifests().await.unwrap();
    assert_eq!(manifests.len(), 1, "tests/archives/schema-{version}");
    (archive, manifests.into_iter().next().unwrap())
}

#[tokio::test]
async fn an_archive_of_each_older_schema_is_verified_and_comes_back_in_todays_columns() {
    for version in KEPT {
        let (archive, manifest) = opened(version).await;
        assert_eq!(manifest.schema_version, version);
        archive.verify(&manifest).await.unwrap();
        for member in Member::ALL {
            let came = read(&archive, &manifest, member).await.unwrap();
            assert!(came == stream(&rows_today(version, member)), "{version} {}", member.table());
        }
    }
}

#[tokio::test]
async fn what_an_older_archive_lacks_is_computed_or_null() {
    let (archive, manifest) = opened(4).await;
    assert_eq!(rows_today(4, Member::Raw)[0][10], int4s(&[34, 35]));
    assert_eq!(rows_today(4, Member::Enriched)[0][15..], [None, None, None]);
    let came = read(&archive, &manifest, Member::Raw).await.unwrap();
    assert!(came == kills(5).stream(Member::Raw));
}

#[tokio::test]
async fn the_newest_kept_archive_has_todays_columns() {
    let (_, manifest) = opened(TODAY).await;
    let today = noctis_core::archive::schema_hash(|member| columns(member).to_vec());
    assert_eq!(
        manifest.schema_hash, today,
        "the tables' columns have changed: say in mapping.rs how, and keep an archive of the new version"
    );
}

#[tokio::test]
#[ignore = "it writes the archives that are kept in the repository"]
async fn write_the_archives_that_are_kept() {
    for version in KEPT {
        let archive = Archive::open(&Place::Folder(kept(version))).unwrap();
        let all = Streams {
            raw: rows_at(version, Member::Raw),
            enriched: rows_at(version, Member::Enriched),
            participants: rows_at(version, Member::Participants),
        };
        let head = PartHead { schema_version: version, ..head(june(), 0) };
        write(&archive, head, &all, 10_000).await.unwrap();
    }
}
