//! What may happen to an archive's files; none of it passes for verified.

use std::fs;

use noctis_archive::Error;
use noctis_archive::digest::ContentsDigest;
use noctis_core::archive::{Manifest, Proof};
use noctis_core::partition::Member;
use sha2::{Digest, Sha256};

use crate::rows::{Folder, folder, head, int8, june, kills, read, write};

async fn written() -> (Folder, Manifest) {
    let folder = folder();
    let manifest = write(&folder.archive, head(june(), 0), &kills(50), 10_000).await.unwrap();
    (folder, manifest)
}

/// Changes a file, and says what verification makes of it.
async fn found(
    folder: &Folder,
    manifest: &Manifest,
    member: Member,
    bytes: Option<&[u8]>,
) -> Error {
    let path = folder.path.path().join(&manifest.file(member).unwrap().path);
    let whole = fs::read(&path).unwrap();
    match bytes {
        Some(bytes) => fs::write(&path, bytes).unwrap(),
        None => fs::remove_file(&path).unwrap(),
    }
    let error = folder.archive.verify(manifest).await.unwrap_err();
    let same = folder.archive.check_files(manifest).await.unwrap_err();
    assert_eq!(error.to_string(), same.to_string());
    assert!(error.to_string().contains(&manifest.file(member).unwrap().path), "{error}");
    fs::write(&path, whole).unwrap();
    error
}

#[tokio::test]
async fn a_flipped_byte_anywhere_is_found_and_its_file_named() {
    let (folder, manifest) = written().await;
    for member in Member::ALL {
        let path = folder.path.path().join(&manifest.file(member).unwrap().path);
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(whole.len() / 40).chain([whole.len() - 1]) {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            let error = found(&folder, &manifest, member, Some(&bytes)).await;
            assert!(matches!(error, Error::Damaged { .. }), "{error}");
        }
    }
    folder.archive.verify(&manifest).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_short_long_empty_or_missing_is_found() {
    let (folder, manifest) = written().await;
    let path = folder.path.path().join(&manifest.files[2].path);
    let whole = fs::read(&path).unwrap();
    let longer = [whole.clone(), vec![0]].concat();
    for bytes in [&whole[..whole.len() - 1], &whole[..whole.len() / 2], &[], &longer] {
        let error = found(&folder, &manifest, Member::Participants, Some(bytes)).await;
        assert!(error.to_string().contains("bytes instead of"), "{error}");
    }
    let error = found(&folder, &manifest, Member::Participants, None).await;
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

/// Puts another file in place of one, with a manifest that has its size and hash: as if it had been written so.
fn replace(folder: &Folder, manifest: &Manifest, member: Member, bytes: &[u8]) -> Manifest {
    let mut changed = manifest.clone();
    let entry = changed.files.iter_mut().find(|entry| entry.table == member).unwrap();
    entry.bytes = u64::try_from(bytes.len()).unwrap();
    entry.sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder.path.path().join(&entry.path), bytes).unwrap();
    let text = serde_json::to_vec(&changed).unwrap();
    let path = format!("manifest/{}.json", changed.name.path());
    fs::write(folder.path.path().join(path), text).unwrap();
    changed
}

#[tokio::test]
async fn other_rows_under_a_true_hash_are_found_by_their_checksum() {
    let (folder, manifest) = written().await;
    let mut other = kills(50);
    other.participants[7][8] = int8(1_000_000);
    let elsewhere = crate::rows::folder();
    let theirs = write(&elsewhere.archive, head(june(), 0), &other, 10_000).await.unwrap();
    let path = &theirs.file(Member::Participants).unwrap().path;
    let bytes = fs::read(elsewhere.path.path().join(path)).unwrap();
    let changed = replace(&folder, &manifest, Member::Participants, &bytes);
    let error = folder.archive.verify(&changed).await.unwrap_err().to_string();
    assert!(error.contains(path) && error.contains("checksum of Facts"), "{error}");
    // The hash is right, so that reading bytes alone cannot find it.
    folder.archive.check_files(&changed).await.unwrap();
}

#[tokio::test]
async fn a_file_of_another_table_or_that_is_no_parquet_is_found() {
    let (folder, manifest) = written().await;
    let path = folder.path.path().join(&manifest.file(Member::Enriched).unwrap().path);
    let enriched = fs::read(path).unwrap();
    let changed = replace(&folder, &manifest, Member::Raw, &enriched);
    let error = folder.archive.verify(&changed).await.unwrap_err();
    assert!(matches!(error, Error::Differs { .. }), "{error}");
    let changed = replace(&folder, &manifest, Member::Raw, b"PAR1 but no more");
    let error = folder.archive.verify(&changed).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    let error = read(&folder.archive, &changed, Member::Raw).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn flipped_bytes_under_a_true_hash_end_in_an_error_or_in_equal_rows() {
    let (folder, manifest) = written().await;
    let path = folder.path.path().join(&manifest.files[1].path);
    let whole = fs::read(path).unwrap();
    let mut found = 0;
    for place in (0..whole.len()).step_by(whole.len() / 150) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        let changed = replace(&folder, &manifest, Member::Enriched, &bytes);
        match folder.archive.verify(&changed).await {
            // A byte of a statistic or of padding was hit.
            Ok(verified) => {
                assert_eq!(verified.manifest().files[1].contents, manifest.files[1].contents)
            }
            Err(Error::Damaged { path, .. } | Error::Differs { path, .. }) => {
                assert_eq!(path, manifest.files[1].path);
                found += 1;
            }
            Err(other) => panic!("{other}"),
        }
        // Without its hash a damaged file is found by what it does to the rows: an error, other rows, never fewer.
        if let Ok(came) = read(&folder.archive, &changed, Member::Enriched).await {
            let mut digest = ContentsDigest::new(Member::Enriched);
            digest.push(&came).unwrap();
            assert_eq!(digest.finish().unwrap().rows, 50, "byte {place}");
        }
    }
    assert!(found > 50, "only {found} were found");
}

#[tokio::test]
async fn a_manifest_that_is_missing_changed_or_unreadable_is_found() {
    let (folder, manifest) = written().await;
    let mut other = manifest.clone();
    other.generation += 1;
    let error = folder.archive.verify(&other).await.unwrap_err().to_string();
    assert!(error.contains("it is not the one that was to be verified"), "{error}");

    let path = folder.path.path().join(format!("manifest/{}.json", manifest.name.path()));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"format\": 1", "\"format\": 2", 1)).unwrap();
    let error = folder.archive.manifests().await.unwrap_err().to_string();
    assert!(error.contains("part-0.json cannot be used: it has form 2"), "{error}");
    fs::write(&path, &text[..100]).unwrap();
    assert!(matches!(folder.archive.verify(&manifest).await, Err(Error::Manifest { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(folder.archive.verify(&manifest).await, Err(Error::Missing { .. })));
}

#[tokio::test]
async fn an_archive_of_an_unknown_schema_is_refused() {
    let (folder, mut manifest) = written().await;
    manifest.schema_hash = "0123456789abcdef".to_owned();
    let error = read(&folder.archive, &manifest, Member::Raw).await.unwrap_err().to_string();
    assert!(error.contains("whose columns this noctis does not know"), "{error}");
}
