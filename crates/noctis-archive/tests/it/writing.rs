//! What is refused while a part is written, and what is left when it is given up.

use bytes::Bytes;
use noctis_archive::{Error, PartHead};
use noctis_core::archive::PartName;
use noctis_core::partition::Member;

use crate::rows::{
    Streams, Value, array, folder, head, int4, int8, isk, jsonb, june, kills, stream, time, write,
};

/// Why a part whose stream was changed like this is refused; nothing of it may be left.
async fn refusal(change: impl FnOnce(&mut Streams)) -> String {
    let folder = folder();
    let mut all = kills(3);
    change(&mut all);
    let error = write(&folder.archive, head(june(), 0), &all, 1_000).await.unwrap_err();
    assert_eq!(folder.archive.manifests().await.unwrap(), []);
    error.to_string()
}

fn number(weight: i16, sign: u16, scale: u16) -> Value {
    let words = [0, weight.cast_unsigned(), sign, scale];
    Some(words.iter().flat_map(|word| word.to_be_bytes()).collect())
}

#[tokio::test]
async fn a_value_that_no_archive_holds_is_named_by_row_and_column() {
    let row_two = "row 2 of killmails_enriched, column isk_value: ";
    for value in [number(0, 0xC000, 0), number(0, 0xD000, 0), number(0, 0, 5)] {
        let error = refusal(|all| all.enriched[1][8] = value).await;
        assert!(error.starts_with(row_two), "{error}");
    }
    let infinite = refusal(|all| all.raw[2][5] = int8(i64::MAX)).await;
    assert_eq!(
        infinite,
        "row 3 of killmails_raw, column inserted_at: it is an infinite time, which no archive holds"
    );
    let endless = refusal(|all| all.enriched[0][17] = int4(i32::MIN)).await;
    assert!(endless.contains("row 1 of killmails_enriched, column price_date: "), "{endless}");
    let null = refusal(|all| all.raw[1][2] = None).await;
    assert!(null.contains("row 2 of killmails_raw, column system_id: it is null"), "{null}");
    let square = refusal(|all| {
        let mut value = array(23, &[int4(1)]).unwrap();
        value[3] = 2;
        all.raw[0][10] = Some(value);
    })
    .await;
    assert!(square.contains("column item_type_ids: it has 2 dimensions"), "{square}");
    let latin = refusal(|all| all.raw[0][9] = Some(vec![1, b'"', 0xE9, b'"'])).await;
    assert!(latin.contains("column raw_payload: it is not UTF-8"), "{latin}");
}

#[tokio::test]
async fn rows_must_be_of_the_range_and_in_order() {
    let outside = refusal(|all| all.raw[2][1] = time(june().to)).await;
    assert!(
        outside.contains("row 3 of killmails_raw, column timestamp: it is outside"),
        "{outside}"
    );
    let swapped = refusal(|all| all.participants.swap(4, 5)).await;
    assert!(swapped.contains("row 6 of killmail_participants"), "{swapped}");
    let twice = refusal(|all| {
        let row = all.enriched[1].clone();
        all.enriched.insert(1, row);
    })
    .await;
    assert!(twice.contains("does not come after the one before it"), "{twice}");
}

#[tokio::test]
async fn a_stream_that_is_none_is_refused() {
    let folder = folder();
    let whole = stream(&kills(3).raw);
    let short = stream(&[vec![int8(1), isk(1)]]);
    let mut signed = whole.clone();
    signed[14] = 1;
    for (bytes, wanted) in [
        (whole[..whole.len() - 2].to_vec(), "ends in the middle, after 3 rows"),
        (whole[..100].to_vec(), "ends in the middle, after 0 rows"),
        (vec![], "ends in the middle"),
        ([whole.clone(), vec![0]].concat(), "something follows the end of the rows"),
        (short, "row 1 has 2 columns instead of 11"),
        (jsonb("[]").unwrap(), "these are no rows in the binary form of PostgreSQL"),
        (signed, "flags that are not known"),
    ] {
        let mut part = folder.archive.write(head(june(), 0)).await.unwrap();
        let mut table = part.table(Member::Raw);
        table.push(Bytes::from(bytes)).await.unwrap();
        let error = table.finish().await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[tokio::test]
async fn an_error_in_the_middle_stops_the_writing_soon() {
    let folder = folder();
    let mut all = kills(3);
    all.raw[0][5] = int8(i64::MAX);
    let mut part = folder.archive.write(head(june(), 0)).await.unwrap();
    let mut table = part.table(Member::Raw);
    table.push(Bytes::from(stream(&all.raw))).await.unwrap();
    let more = Bytes::from(vec![0; 1 << 20]);
    let mut error = None;
    for _ in 0..20 {
        if let Err(found) = table.push(more.clone()).await {
            error = Some(found);
            break;
        }
    }
    assert!(matches!(error, Some(Error::Value { row: 1, column: "inserted_at", .. })), "{error:?}");
}

#[tokio::test]
async fn a_part_is_there_with_its_manifest_and_not_before() {
    let folder = folder();
    let all = kills(2_000);
    let mut part = folder.archive.write(head(june(), 0)).await.unwrap();
    for member in [Member::Raw, Member::Enriched] {
        let mut table = part.table(member);
        table.push(Bytes::from(all.stream(member))).await.unwrap();
        table.finish().await.unwrap();
    }
    let mut table = part.table(Member::Participants);
    let stream = all.stream(Member::Participants);
    table.push(Bytes::copy_from_slice(&stream[..stream.len() / 2])).await.unwrap();
    drop(table);
    let error = part.finish().await.unwrap_err();
    assert!(error.to_string().contains("a part has each of the three tables once"), "{error}");
    assert_eq!(folder.archive.manifests().await.unwrap(), []);
    // What was left is in nobody's way.
    write(&folder.archive, head(june(), 0), &all, 10_000).await.unwrap();
    let second = folder.archive.write(head(june(), 0)).await.unwrap_err();
    assert!(matches!(second, Error::Exists { .. }), "{second}");
    // Another part of the month is another matter.
    write(&folder.archive, head(june(), 1), &kills(1), 10_000).await.unwrap();
    let names: Vec<String> =
        folder.archive.manifests().await.unwrap().iter().map(|part| part.name.path()).collect();
    assert_eq!(names, ["month=2025-06/part-0", "month=2025-06/part-1"]);
}

#[tokio::test]
async fn a_part_lies_in_the_month_in_which_its_range_begins() {
    let folder = folder();
    let wrong =
        PartHead { name: PartName { month: "2025-07".to_owned(), part: 0 }, ..head(june(), 0) };
    let error = folder.archive.write(wrong).await.unwrap_err().to_string();
    assert!(error.contains("does not begin in that month"), "{error}");
}

#[tokio::test]
async fn a_part_that_is_removed_is_gone_with_its_files() {
    let folder = folder();
    let manifest = write(&folder.archive, head(june(), 0), &kills(2), 10_000).await.unwrap();
    folder.archive.remove(&manifest).await.unwrap();
    assert_eq!(folder.archive.manifest(&manifest.name).await.unwrap(), None);
    for file in &manifest.files {
        assert!(!folder.path.path().join(&file.path).exists());
    }
    folder.archive.remove(&manifest).await.unwrap();
}

#[tokio::test]
async fn what_a_killed_writer_left_is_swept_away() {
    let folder = folder();
    let month = folder.path.path().join("table=killmails_raw/month=2025-06");
    std::fs::create_dir_all(&month).unwrap();
    for name in ["part-0.parquet#1", "part-0.parquet#12", "part-0.parquet#x", "part-1.parquet#1"] {
        std::fs::write(month.join(name), "half a file").unwrap();
    }
    write(&folder.archive, head(june(), 0), &kills(2), 10_000).await.unwrap();
    let entries = std::fs::read_dir(month).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["part-0.parquet", "part-0.parquet#x", "part-1.parquet#1"]);
}
