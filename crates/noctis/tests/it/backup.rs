//! Backups: taken while others write, checked, put back, cut off, damaged; and the move to a newer PostgreSQL.

mod archived;
mod retired;
mod upgrade;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use noctis_store::fail::BACKUP_POINTS;
use rustix::process::Signal;

use crate::program::{is_killed, said};
use crate::samples::bodies;
use crate::served::{Folder, Served, wait_until};

/// All that is stored of kills, as one text; rows in no order of the tables'.
const CONTENTS: &str = "SELECT 'raw', count(*), md5(string_agg(r::text, ',' ORDER BY killmail_id)) FROM killmails_raw r
    UNION ALL SELECT 'enriched', count(*), md5(string_agg(e::text, ',' ORDER BY killmail_id)) FROM killmails_enriched e
    UNION ALL SELECT 'participants', count(*), md5(string_agg(p::text, ',' ORDER BY killmail_id, ordinal)) FROM killmail_participants p
    UNION ALL SELECT 'registry', count(*), md5(string_agg(k::text, ',' ORDER BY killmail_id)) FROM killmail_registry k
    ORDER BY 1";

/// A data folder with kills in it, and room beside it.
struct Kept {
    folder: Folder,
}

fn import_into(folder: &Folder, bodies: &[String]) {
    let mut import =
        folder.command(&["import", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(bodies.join("\n").as_bytes()).unwrap();
    said(import).good();
}

impl Kept {
    fn new(kills: u64) -> Kept {
        let folder = Folder::new();
        folder.noctis(&["migrate"]).good();
        let kept = Kept { folder };
        if kills > 0 {
            kept.import(&bodies(kills));
        }
        kept
    }

    fn import(&self, bodies: &[String]) {
        import_into(&self.folder, bodies);
    }

    /// A path beside the data folder.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.data.with_file_name(name)
    }

    fn backup(&self, name: &str) -> PathBuf {
        let folder = self.beside(name);
        self.folder.noctis(&["backup", folder.to_str().unwrap()]).good();
        folder
    }

    /// Puts a backup back into a new folder.
    fn restored(&self, backup: &Path) -> Folder {
        let folder = Folder::new();
        folder.noctis(&["restore", backup.to_str().unwrap()]).good();
        folder
    }

    fn verify(&self, backup: &Path) -> crate::program::Said {
        self.folder.noctis(&["backup", "verify", backup.to_str().unwrap()])
    }
}

#[test]
fn a_backup_taken_while_others_write_is_put_back_with_no_kill_halved() {
    let kept = Kept::new(0);
    let mut all = bodies(3_000);
    kept.import(&all[..100]);
    let served = Served::start(kept.folder.command(&[]));
    let mut import =
        kept.folder.command(&["import", "-", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = import.stdin.take().unwrap();
    // It reads while the backup is taken, and cannot end before it.
    let feeding = std::thread::spawn(move || {
        let last = all.split_off(2_100);
        input.write_all((all[100..].join("\n") + "\n").as_bytes()).unwrap();
        move || input.write_all(last.join("\n").as_bytes()).unwrap()
    });
    let backup = kept.backup("backup");
    feeding.join().unwrap()();
    said(import).good();
    kept.verify(&backup).good();

    let began = Instant::now();
    let restored = kept.restored(&backup);
    println!("restored, started and asked in {:.1} s", began.elapsed().as_secs_f64());
    let counts = restored.sql(
        "SELECT (SELECT count(*) FROM killmails_raw) = (SELECT count(*) FROM killmails_enriched),
            (SELECT count(*) FROM killmails_raw) = (SELECT count(*) FROM killmail_registry),
            (SELECT count(DISTINCT killmail_id) FROM killmail_participants) = (SELECT count(*) FROM killmails_raw),
            (SELECT count(*) FROM killmails_raw) BETWEEN 100 AND 2100",
    );
    assert_eq!(counts, "t|t|t|t");
    assert_eq!(served.end(Signal::TERM).code(), 0);

    // Taken while nobody writes, it is the same to the last byte.
    let backup = kept.backup("second");
    let restored = kept.restored(&backup);
    assert_eq!(restored.sql(CONTENTS), kept.folder.sql(CONTENTS));
    restored.noctis(&["doctor"]).good();
    let served = Served::start(restored.command(&[]));
    assert!(served.is_ready());
}

#[test]
fn a_death_at_any_point_leaves_no_backup_and_no_half_restored_store_and_the_next_run_completes() {
    let kept = Kept::new(60);
    let expected = kept.folder.sql(CONTENTS);
    println!("fail points: {}", BACKUP_POINTS.join(", "));
    for point in BACKUP_POINTS.into_iter().filter(|point| !point.ends_with("_back")) {
        let folder = kept.beside(point);
        let text = folder.to_str().unwrap();
        let died = kept.folder.noctis(&["backup", text, "--fail-at", point]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        if point == "backup.listed" {
            kept.verify(&folder).good();
            continue;
        }
        let told = kept.verify(&folder);
        assert!(told.code() == 1 && told.err.contains(" is unfinished"), "{point}: {}", told.err);
        assert_eq!(Folder::new().noctis(&["restore", text]).code(), 1);
        kept.folder.noctis(&["backup", text]).good();
        kept.verify(&folder).good();
    }
    let backup = kept.beside("backup.begun");
    for point in BACKUP_POINTS.into_iter().filter(|point| point.ends_with("_back")) {
        let folder = Folder::new();
        let arguments = ["restore", backup.to_str().unwrap(), "--fail-at", point];
        assert!(is_killed(folder.noctis(&arguments).status), "{point} was not reached");
        folder.noctis(&arguments[..2]).good();
        assert_eq!(folder.sql(CONTENTS), expected, "{point}");
    }
}

#[test]
fn what_cannot_be_backed_up_or_put_back_is_said_in_a_sentence() {
    let kept = Kept::new(20);
    let backup = kept.backup("backup");
    let refused = |arguments: &[&str], sentence: &str| {
        let said = kept.folder.noctis(arguments);
        assert_eq!(said.code(), 1, "{}", said.out);
        assert!(said.err.contains(sentence), "{}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    };
    let text = backup.to_str().unwrap();
    refused(&["backup", text], "holds a backup already");
    refused(&["backup", kept.folder.data.to_str().unwrap()], "is not empty: give a new folder");
    refused(&["restore", text], "is not empty: a backup is put back into a new folder");
    let nothing = kept.beside("nothing");
    refused(&["backup", "verify", kept.folder.data.to_str().unwrap()], "is no backup of noctis");
    refused(&["backup", "verify", nothing.to_str().unwrap()], "finding ");

    // Whatever byte is flipped, it is found, and nothing is started from it.
    for file in ["backup_manifest", "PG_VERSION", "global/pg_control", "postgresql.conf"] {
        let path = backup.join("postgres").join(file);
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        let told = kept.verify(&backup);
        assert!(told.code() == 1 && told.err.contains("is not whole"), "{file}: {}", told.err);
        let folder = Folder::new();
        assert_eq!(folder.noctis(&["restore", text]).code(), 1, "{file}");
        assert!(!folder.data.join("postgres").exists(), "{file}");
        fs::write(&path, whole).unwrap();
    }
    kept.verify(&backup).good();
}

#[test]
fn a_backup_goes_on_when_serve_ends_under_it() {
    let kept = Kept::new(40);
    let served = Served::start(kept.folder.command(&[]));
    let folder = kept.beside("backup");
    let backup = kept.folder.command(&["backup", folder.to_str().unwrap()]).spawn().unwrap();
    wait_until("the backup has begun", || folder.join("backup.unfinished").exists());
    assert_eq!(served.end(Signal::TERM).code(), 0);
    said(backup).good();
    kept.verify(&folder).good();
    assert_eq!(kept.folder.postmaster(), None, "the backup was the last to leave");
}
