//! Our own PostgreSQL moved to 18, on the real thing: the portable archive that the nightly run keeps.

use std::fs;
use std::path::{Path, PathBuf};

use noctis_store::fail::UPGRADE_POINTS;
use rustix::process::Signal;

use super::{CONTENTS, Kept};
use crate::program::{Said, is_killed, said, send};
use crate::samples::bodies;
use crate::served::{Served, wait_until};

/// The archive, where it was fetched.
#[allow(clippy::disallowed_methods, reason = "tests have no configuration")]
#[allow(clippy::print_stdout, reason = "who skips says so")]
fn archive() -> Option<PathBuf> {
    let given = std::env::var("NOCTIS_TEST_POSTGRES_ARCHIVE").ok().map(PathBuf::from);
    let folder = Path::new(env!("CARGO_BIN_EXE_noctis")).ancestors().nth(2)?.join("postgresql");
    let kept = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut kept = kept.filter(|path| path.extension().is_some_and(|kind| kind == "gz"));
    let found = given.or_else(|| kept.next());
    if found.is_none() {
        println!("there is no PostgreSQL 18 here to move to: the nightly run fetches it; skipped");
    }
    found
}

fn major(kept: &Kept) -> String {
    fs::read_to_string(kept.folder.data.join("postgres/PG_VERSION")).unwrap().trim().to_owned()
}

/// A store on an older version, or nothing with the reason said.
#[allow(clippy::print_stdout, reason = "who skips says so")]
fn older(kills: u64) -> Option<(Kept, String)> {
    let archive = archive()?.to_str().unwrap().to_owned();
    let kept = Kept::new(kills);
    if major(&kept) == "18" {
        println!("PostgreSQL 18 is installed, and took the new folder at once; skipped");
        return None;
    }
    Some((kept, archive))
}

impl Kept {
    fn upgrade(&self, archive: &str, more: &[&str]) -> Said {
        let arguments = ["database", "upgrade", "--postgres-archive", archive];
        self.folder.noctis(&[&arguments, more].concat())
    }
}

#[test]
fn a_store_moves_to_postgresql_18_and_the_old_one_is_kept_usable() {
    let Some((kept, archive)) = older(0) else { return };
    let all = bodies(400);
    kept.import(&all[..300]);
    let (old, expected) = (major(&kept), kept.folder.sql(CONTENTS));
    let conf = kept.folder.data.join("postgres/postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, format!("{text}deadlock_timeout = '1234ms'\n")).unwrap();

    let served = Served::start(kept.folder.command(&[]));
    let refused = kept.upgrade(&archive, &[]);
    assert!(refused.err.contains("end it (`noctis serve` too) and try again"), "{}", refused.err);
    assert_eq!(served.end(Signal::TERM).code(), 0);

    let said = kept.upgrade(&archive, &[]).good().out;
    assert!(said.starts_with(&format!("moved from PostgreSQL {old}.")), "{said}");
    println!("{said}");
    assert_eq!(major(&kept), "18");
    assert_eq!(kept.folder.sql(CONTENTS), expected);
    kept.folder.noctis(&["doctor"]).good();
    let settings = "SELECT current_setting('data_checksums'), current_setting('deadlock_timeout')";
    assert_eq!(kept.folder.sql(settings), "on|1234ms", "its shape and what the operator wrote");
    let parents = "SELECT count(*) FROM pg_stats WHERE tablename = 'killmails_raw' AND attname = 'killmail_id'";
    assert_eq!(kept.folder.sql(parents), "1", "partitioned tables have statistics");
    kept.import(&all[300..]);
    assert_eq!(kept.folder.sql("SELECT count(*) FROM killmails_raw"), "400");
    let again = kept.upgrade(&archive, &[]);
    let kept_old = kept.folder.data.join(format!("postgres-{old}"));
    assert_eq!(again.code(), 1);
    assert!(again.err.contains("is on PostgreSQL 18 already"), "{}", again.err);

    // Back again, as docs/backup.md has it.
    let postgres = kept.folder.data.join("postgres");
    fs::rename(&postgres, kept.folder.data.join("postgres-18")).unwrap();
    fs::rename(&kept_old, &postgres).unwrap();
    assert_eq!(kept.folder.sql(CONTENTS), expected);
}

#[test]
fn a_death_at_any_point_of_the_move_leaves_one_store_that_answers_and_the_move_repeats() {
    let Some((kept, archive)) = older(50) else { return };
    let (old, expected) = (major(&kept), kept.folder.sql(CONTENTS));
    println!("fail points: {}", UPGRADE_POINTS.join(", "));
    for point in UPGRADE_POINTS {
        let died = kept.upgrade(&archive, &["--fail-at", point]);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        assert_eq!(kept.folder.sql(CONTENTS), expected, "{point}");
        let is_moved = ["upgrade.set_aside", "upgrade.in_place"].contains(&point);
        let now = major(&kept);
        assert_eq!(now == "18", is_moved, "{point}: {now}");
        println!("{point}: killed, answers from {now}");
        for name in ["postgres.upgrading", "postgres.upgraded", "postgres.upgrade"] {
            assert!(!kept.folder.data.join(name).exists(), "{point} left {name}");
        }
        if is_moved {
            // Back, for the next death.
            let (data, postgres) = (&kept.folder.data, kept.folder.data.join("postgres"));
            fs::remove_dir_all(&postgres).unwrap();
            fs::rename(data.join(format!("postgres-{old}")), &postgres).unwrap();
        }
    }
    kept.upgrade(&archive, &[]).good();
    assert_eq!(kept.folder.sql(CONTENTS), expected);
}

#[test]
fn a_death_while_pg_upgrade_runs_leaves_the_old_store_answering() {
    let Some((kept, archive)) = older(50) else { return };
    let (old, expected) = (major(&kept), kept.folder.sql(CONTENTS));
    let arguments = ["database", "upgrade", "--postgres-archive", &archive];
    for event in ["postgres.upgrading/pg_upgrade_output.d", "postgres.upgrading/postmaster.pid"] {
        let upgrading = kept.folder.command(&arguments).spawn().unwrap();
        wait_until(event, || kept.folder.data.join(event).exists());
        send(&upgrading, Signal::KILL);
        assert!(is_killed(said(upgrading).status));
        assert_eq!(kept.folder.sql(CONTENTS), expected, "{event}");
        assert_eq!(major(&kept), old);
        assert!(!kept.folder.data.join("postgres.upgrading").exists());
        println!("killed at {event}, answers from {old}");
    }
}
