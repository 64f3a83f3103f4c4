//! A store put back to a moment before months were retired: which are hot in it and in the archive, and who may write there.

use std::path::Path;

use super::{Kept, import_into};
use crate::program::Said;
use crate::served::Folder;

/// The months that have gone to files, as folders of the archive are called.
fn months(archive: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(archive.join("manifest")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Months are counted back from the newest kill, so there must be new ones.
fn fill(kept: &Kept) {
    let generated =
        kept.folder.noctis(&["generate", "--kills", "200", "--from", "150d"]).good().out;
    kept.import(&generated.lines().map(str::to_owned).collect::<Vec<_>>());
}

fn on(folder: &Folder, archive: &Path, arguments: &[&str]) -> Said {
    let archive = format!("archive.dir={}", archive.display());
    folder.noctis(&[&["--set", &archive], arguments].concat())
}

fn retire(folder: &Folder, archive: &Path) -> Said {
    let policy = ["--keep-months", "1", "--settle", "0s", "--floor", "1"];
    on(folder, archive, &[&["partitions", "apply"], &policy[..]].concat())
}

/// A store that was backed up and then retired two months, and its copy from before that.
fn put_back() -> (Kept, Folder, std::path::PathBuf) {
    let kept = Kept::new(0);
    fill(&kept);
    let archive = kept.beside("archive");
    let backup = kept.beside("backup");
    on(&kept.folder, &archive, &["backup", backup.to_str().unwrap()]).good();
    retire(&kept.folder, &archive).good();
    assert!(months(&archive).len() >= 2, "{:?}", months(&archive));
    let restored = Folder::new();
    on(&restored, &archive, &["restore", backup.to_str().unwrap()]).good();
    assert_eq!(restored.sql("SELECT count(*) FROM killmails_raw"), "200");
    (kept, restored, archive)
}

#[test]
fn after_a_restore_to_before_a_retirement_doctor_names_the_months_and_nothing_is_written_to_the_archive()
 {
    let (kept, restored, archive) = put_back();
    let told = on(&restored, &archive, &["doctor"]);
    assert_eq!(told.code(), 1, "{}", told.out);
    for month in months(&archive) {
        let named = format!("{month}/part-0 (hot_and_archived)");
        assert!(told.out.contains(&named), "{}", told.out);
    }
    let refused = retire(&restored, &archive);
    assert_eq!(refused.code(), 1);
    assert!(refused.out.contains("it was put back to an earlier moment"), "{}", refused.out);
    assert_eq!(
        restored.sql("SELECT count(*) FROM killmails_raw"),
        "200",
        "all are where they were"
    );

    // The original is none the worse, and a backup of it brings its archive along.
    on(&kept.folder, &archive, &["archive", "verify"]).good();
    let backup = kept.beside("later");
    let said = on(&kept.folder, &archive, &["backup", backup.to_str().unwrap()]).good().out;
    let count = months(&archive).len();
    assert!(said.contains(&format!("{count} parts of the archive")), "{said}");
    let copy = kept.restored(&backup);
    copy.noctis(&["archive", "verify"]).good();
    let cold = copy.sql("SELECT count(*) FROM eve.coverage WHERE state = 'cold'");
    assert_eq!(cold, count.to_string());
}

/// Both know the archive's claim: the base backup was taken after it.
#[test]
fn failure_29_of_a_store_and_its_base_backup_beside_it_one_retires_and_the_other_moves_nothing() {
    let kept = Kept::new(0);
    fill(&kept);
    let archive = kept.beside("archive");
    retire(&kept.folder, &archive).good();
    let before = months(&archive).len();
    assert!(before >= 2, "{:?}", months(&archive));
    let backup = kept.beside("backup");
    on(&kept.folder, &archive, &["backup", backup.to_str().unwrap()]).good();
    let copy = kept.restored(&backup);
    // Both have the same more to move.
    let late = kept.folder.noctis(&["generate", "--kills", "20", "--from", "420d", "--seed", "9"]);
    let late: Vec<String> = late.good().out.lines().map(str::to_owned).collect();
    kept.import(&late);
    import_into(&copy, &late);

    retire(&copy, &archive).good();
    let after = months(&archive).len();
    assert!(after > before, "the copy came first: {:?}", months(&archive));
    let hot = kept.folder.sql("SELECT count(*) FROM killmails_raw");
    let refused = retire(&kept.folder, &archive);
    assert_eq!(refused.code(), 1, "{}", refused.out);
    assert!(refused.out.contains("noctis archive adopt"), "{}", refused.out);
    assert_eq!(kept.folder.sql("SELECT count(*) FROM killmails_raw"), hot);
    assert_eq!(months(&archive).len(), after);
}

#[test]
fn what_is_hot_and_archived_after_a_restore_is_mended_by_what_doctor_says() {
    let (_kept, restored, archive) = put_back();
    let store_id =
        restored.noctis(&["psql", "--owner", "--", "-XAtqc", "SELECT store_id FROM noctis_store"]);
    on(&restored, &archive, &["archive", "adopt", store_id.good().out.trim()]).good();
    on(&restored, &archive, &["doctor", "--fix"]).good();
    on(&restored, &archive, &["doctor"]).good();
    retire(&restored, &archive).good();
    let cold = restored.sql("SELECT count(*) FROM eve.coverage WHERE state = 'cold'");
    assert_eq!(cold, months(&archive).len().to_string(), "each month is cold once");
}
