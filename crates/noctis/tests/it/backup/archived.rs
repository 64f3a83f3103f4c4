//! The archive's part in a backup: files by their manifests, links to an earlier backup, and damage that is told.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Kept;
use crate::program::{noctis, on};
use noctis_store::testing::TestStore;

const FILE: &str = "table=killmails_raw/month=2025-06/part-0.parquet";

/// A part in the archive's folder and in the store's list. What its file holds is nobody's concern here.
fn archive_a_part(kept: &Kept) {
    let archive = kept.folder.data.join("archive");
    let write = |path: &str, bytes: &[u8]| {
        let path = archive.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let bytes = vec![7; 100_000];
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    write(FILE, &bytes);
    write("owner/00000000000000000001.json", b"{}");
    let manifest = serde_json::json!({
        "format": 1, "store_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "generation": 1, "schema_version": 10,
        "schema_hash": "", "month": "2025-06", "part": 0,
        "range": {"from": "2025-06-01T00:00:00Z", "to": "2025-07-01T00:00:00Z"},
        "written_at": "2026-07-01T00:00:00Z", "written_by": "a test",
        "files": [{"table": "killmails_raw", "path": FILE, "bytes": bytes.len(), "sha256": sha256, "rows": 0,
            "first": null, "last": null, "checksums": {}}],
    });
    write("manifest/month=2025-06/part-0.json", manifest.to_string().as_bytes());
    let insert = format!(
        "INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at) VALUES
            ('2025-06', 0, '2025-06-01+00', '2025-07-01+00', 'cold', 0, '{manifest}', now())"
    );
    kept.folder.noctis(&["psql", "--owner", "--", "-Xqc", &insert]).good();
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

#[test]
fn the_archives_files_go_along_by_their_manifests_and_an_earlier_backups_are_linked() {
    let kept = Kept::new(20);
    archive_a_part(&kept);
    let first = kept.backup("first");
    let original = kept.folder.data.join("archive").join(FILE);
    let copied = first.join("archive").join(FILE);
    assert_ne!(inode(&copied), inode(&original), "a copy, or it would be damaged with it");
    for path in ["owner/00000000000000000001.json", "manifest/month=2025-06/part-0.json"] {
        assert!(first.join("archive").join(path).exists(), "{path}");
    }

    let second = kept.beside("second");
    let arguments = ["backup", second.to_str().unwrap(), "--earlier", first.to_str().unwrap()];
    let said = kept.folder.noctis(&arguments).good().out;
    assert!(said.contains("1 part of the archive") && said.contains("1 of them linked"), "{said}");
    assert_eq!(inode(&second.join("archive").join(FILE)), inode(&copied));

    let restored = kept.restored(&second);
    let put_back = restored.data.join("archive").join(FILE);
    assert_eq!(fs::read(&put_back).unwrap(), fs::read(&original).unwrap());
    assert_eq!(restored.sql("SELECT count(*) FROM eve.coverage WHERE state = 'cold'"), "1");

    fs::write(&copied, b"other").unwrap();
    let told = kept.verify(&first);
    assert_eq!(told.code(), 1);
    assert!(
        told.err.contains(&format!("archive/{FILE} is not what the list says")),
        "{}",
        told.err
    );
}

#[test]
fn a_damaged_file_of_the_archive_is_told_and_the_rest_is_backed_up() {
    let kept = Kept::new(20);
    archive_a_part(&kept);
    let file = kept.folder.data.join("archive").join(FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes[50_000] ^= 1;
    for damage in ["flipped", "removed"] {
        match damage {
            "flipped" => fs::write(&file, &bytes).unwrap(),
            _ => fs::remove_file(&file).unwrap(),
        }
        let backup = kept.beside(damage);
        let said = kept.folder.noctis(&["backup", backup.to_str().unwrap()]);
        assert_eq!(said.code(), 1, "{}", said.err);
        assert!(said.out.contains(&format!("!! {FILE} of the archive is missing or damaged")));
        assert!(!backup.join("archive").join(FILE).exists());
        let told = kept.verify(&backup);
        assert!(told.err.contains("was damaged when the backup was taken"), "{}", told.err);
        let restored = kept.restored(&backup);
        assert_eq!(restored.sql("SELECT count(*) FROM killmails_raw"), "20");
    }
}

#[tokio::test]
async fn of_a_given_postgres_archive_and_configuration_are_backed_up() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (backup, conf) = (folder.path().join("backup"), folder.path().join("noctis.toml"));
    let text = backup.to_str().unwrap();
    let refused = noctis(&test, &["--data-dir", "/nonexistent", "backup", text]);
    assert_eq!(refused.code(), 1);
    assert!(refused.err.contains("take it with pg_basebackup or pg_dump there"), "{}", refused.err);

    fs::write(&conf, "contact = \"pilot@example.org\"\n").unwrap();
    let arguments = [
        "--data-dir",
        "/nonexistent",
        "--config",
        conf.to_str().unwrap(),
        "backup",
        text,
        "--without-database",
    ];
    let said = crate::program::said(on(&test, &arguments).spawn().unwrap()).good().out;
    assert!(said.contains("nothing archived, the configuration"), "{said}");
    let copied = backup.join("noctis.toml");
    assert_eq!(fs::metadata(&copied).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&copied).unwrap(), fs::read(&conf).unwrap());
    assert!(!backup.join("postgres").exists());
}
