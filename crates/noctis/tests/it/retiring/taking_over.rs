//! An archive that is taken over while imports run, and where that is cut off: no kill is lost, none is there twice.

use futures_util::TryStreamExt;
use noctis_archive::VerifiedPart;
use noctis_core::killmail::Reason;
use noctis_core::partition::Member;
use noctis_store::fail::ADOPT_POINTS;
use noctis_store::partitions::adopting::{self, Staged};
use noctis_store::{Client, Error};

use super::commands::noctis;
use super::put_back::{as_before, id};
use super::{Drill, LATER, drop_policy, kill};
use crate::program::is_killed;

const MAY: &str = "2024-05-05T00:00:00Z";
const JUNE: &str = "2024-06-05T00:00:00Z";

/// Parts of May and June with two kills each, in the archive of another store.
async fn archived() -> Drill {
    let kills = [kill(1, MAY), kill(2, MAY), kill(3, JUNE), kill(4, JUNE)];
    let drill = Drill::with(&kills).await;
    drill.retire(LATER).await;
    drill
}

async fn staged(drill: &Drill, client: &mut Client) -> Vec<(VerifiedPart, bool)> {
    adopting::begin(client).await.unwrap();
    let mut staged = Vec::new();
    for manifest in drill.archive.manifests().await.unwrap() {
        let proof = drill.archive.verify(&manifest).await.unwrap();
        let rows = drill
            .archive
            .rows(&manifest, Member::Raw)
            .map_err(|error| Error::Refused(error.to_string()));
        let hot = adopting::stage(client, &manifest, rows).await.unwrap();
        staged.push((proof, hot));
    }
    staged
}

fn as_staged(parts: &[(VerifiedPart, bool)]) -> Vec<Staged<'_>> {
    parts.iter().map(|(proof, hot)| Staged { proof, hot: *hot }).collect()
}

/// Id and arrival of all, in the order of their arrival.
async fn arrivals(drill: &Drill) -> String {
    let query = "SELECT string_agg(killmail_id || '@' || arrival, ' ' ORDER BY arrival, killmail_id) \
                 FROM killmail_registry WHERE killmail_id < 999999";
    drill.text(query).await
}

#[tokio::test]
async fn a_kill_that_is_stored_between_the_look_and_the_registering_refuses_its_part() {
    let drill = archived().await;
    let before = as_before(&drill, &[]).await;
    let mut client = before.owner().await;
    let parts = staged(&drill, &mut client).await;
    assert!(parts.iter().all(|(_, hot)| !hot));
    assert_eq!(before.store(&[kill(3, JUNE)]).await.stored, 1);

    let refused = adopting::register(&mut client, &as_staged(&parts), 1).await;
    let Err(Error::Refused(said)) = refused else { panic!("{refused:?}") };
    assert!(said.starts_with("1 of the kills were stored by an import meanwhile"), "{said}");
    assert_eq!(arrivals(&before).await, "1@0 2@0 3@2", "those before it, each in its transaction");
    adopting::settle(&mut client).await.unwrap();
    assert_eq!(arrivals(&before).await, "3@2");
    assert_eq!(before.parts().await, "");

    // The next try names the part; the archive has not changed hands.
    let owner = drill.archive.owner().await.unwrap();
    let said = noctis(&before.test, &drill, &["archive", "adopt", &id(&before).await]);
    assert!(said.err.contains("1 of the 2 kills of month=2024-06/part-0"), "{}", said.err);
    assert_eq!(drill.archive.owner().await.unwrap(), owner);
    // All of them are there: that part counts as restored.
    assert_eq!(before.store(&[kill(4, JUNE)]).await.stored, 1);
    noctis(&before.test, &drill, &["archive", "adopt", &id(&before).await]).good();
    assert_eq!(before.parts().await, "2024-05/0 cold, 2024-06/0 restored");
    assert_eq!(arrivals(&before).await, "3@2 4@3 1@4 2@5");
}

#[tokio::test]
async fn a_kill_that_is_registered_and_nowhere_yet_is_parked_and_later_known() {
    let drill = archived().await;
    let before = as_before(&drill, &[]).await;
    let mut client = before.owner().await;
    let parts = staged(&drill, &mut client).await;
    let parts = as_staged(&parts);
    assert_eq!(adopting::register(&mut client, &parts, 3).await.unwrap(), 4);
    let waiting = before.store(&[kill(2, MAY), kill(5, MAY)]).await;
    assert_eq!(waiting.stored, 1, "another of that month is stored at once");
    assert_eq!(waiting.parked.get(Reason::PartitionClosed.name()), Some(&1), "{waiting:?}");
    assert_eq!(arrivals(&before).await, "1@0 2@0 3@0 4@0 5@2");

    adopting::answer(&mut client, &parts, 4).await.unwrap();
    assert_eq!(before.parts().await, "2024-05/0 cold, 2024-06/0 cold");
    assert_eq!(adopting::number(&mut client, 3).await.unwrap(), 4);
    assert_eq!(arrivals(&before).await, "5@2 1@3 2@4 3@5 4@6");
    noctis(&before.test, &drill, &["parked", "retry"]).good();
    assert_eq!(before.number("SELECT count(*) FROM killmails_parked").await, 0);
    assert_eq!(before.rows().await["killmails_raw"].len(), 2, "5 and the newest");
}

#[tokio::test]
async fn a_kill_that_waited_is_stored_where_its_part_is_not_taken_over_after_all() {
    let drill = archived().await;
    let before = as_before(&drill, &[]).await;
    let mut client = before.owner().await;
    let parts = staged(&drill, &mut client).await;
    adopting::register(&mut client, &as_staged(&parts), 2).await.unwrap();
    assert_eq!(before.store(&[kill(2, MAY)]).await.parked_total(), 1);
    adopting::withdraw(&mut client, 3).await.unwrap();
    noctis(&before.test, &drill, &["parked", "retry"]).good();
    assert_eq!(arrivals(&before).await, "2@2");
    assert_eq!(before.number("SELECT count(*) FROM killmails_parked").await, 0);
}

#[tokio::test]
async fn no_number_that_was_dropped_is_given_to_a_kill_that_is_taken_over() {
    let drill = archived().await;
    let before = as_before(&drill, &[]).await;
    let dropped = "INSERT INTO dropped_ranges (range_from, range_to, arrival_max, kills) \
                   VALUES ('2020-01-01+00', '2020-02-01+00', 700, 1)";
    before.owner().await.batch_execute(dropped).await.unwrap();
    noctis(&before.test, &drill, &["archive", "adopt", &id(&before).await]).good();
    assert_eq!(arrivals(&before).await, "1@701 2@702 3@703 4@704");
}

#[tokio::test]
async fn a_dropped_kill_that_is_stored_again_while_its_part_is_taken_over_refuses_it() {
    let drill = archived().await;
    let before = drop_policy(as_before(&drill, &[kill(1, MAY), kill(2, MAY)]).await);
    assert_eq!(before.retire(LATER).await, ["close", "discard"]);
    let mut client = before.owner().await;
    let parts = staged(&drill, &mut client).await;
    let parts = as_staged(&parts);
    adopting::register(&mut client, &parts, 2).await.unwrap();
    assert_eq!(before.store_with(&[kill(2, MAY)], true).await.stored, 1);
    let refused = adopting::answer(&mut client, &parts, 2).await;
    let Err(Error::Refused(said)) = refused else { panic!("{refused:?}") };
    assert!(said.contains("1 of the kills were stored by an import meanwhile"), "{said}");
    assert_eq!(before.parts().await, "");
}

/// As while such an import is in the middle of its transaction.
#[tokio::test]
async fn whoever_takes_kills_over_waits_for_who_forgets_dropped_ones() {
    let drill = archived().await;
    let before = as_before(&drill, &[]).await;
    let mut client = before.owner().await;
    let parts = staged(&drill, &mut client).await;
    let mut importer = before.owner().await;
    let forgetting = importer.transaction().await.unwrap();
    let lock = "SELECT pg_advisory_xact_lock_shared(x'6e6f63746973000b'::bigint)";
    forgetting.batch_execute(lock).await.unwrap();
    let parts = as_staged(&parts);
    let (registered, ()) = tokio::join!(adopting::register(&mut client, &parts, 9), async {
        let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
        crate::tables::until(&before.owner().await, waiting).await;
        assert_eq!(arrivals(&before).await, "");
        forgetting.commit().await.unwrap();
    });
    assert_eq!(registered.unwrap(), 4);
}

#[tokio::test]
async fn killed_at_any_point_of_taking_over_the_next_run_ends_it() {
    println!("fail points: {}", ADOPT_POINTS.join(", "));
    for point in ADOPT_POINTS {
        let drill = archived().await;
        let before = as_before(&drill, &[]).await;
        let id = id(&before).await;
        let adopt = ["archive", "adopt", id.as_str()];
        if point == "adopt.withdrawn" {
            // What is refused late is taken back, and that is where it dies.
            let mut client = before.owner().await;
            let parts = staged(&drill, &mut client).await;
            adopting::register(&mut client, &as_staged(&parts), 1).await.unwrap();
        }
        let arguments = [adopt.as_slice(), &["--fail-at", point]].concat();
        let died = noctis(&before.test, &drill, &arguments);
        assert!(is_killed(died.status), "{point} was not reached: {}{}", died.out, died.err);
        // Whatever is imported in between is nowhere twice.
        let between = before.store(&[kill(2, MAY)]).await;
        assert_eq!(between.stored + between.parked_total() + between.already_there, 1);
        if between.stored == 1 {
            let said = noctis(&before.test, &drill, &adopt);
            assert!(said.err.contains("1 of the 2 kills"), "{point}: {}", said.err);
            assert_eq!(arrivals(&before).await, "2@2", "{point}");
            before.store(&[kill(1, MAY)]).await;
        }
        noctis(&before.test, &drill, &adopt).good();
        noctis(&before.test, &drill, &["parked", "retry"]).good();
        let expected = if between.stored == 1 { "restored" } else { "cold" };
        assert_eq!(before.parts().await, format!("2024-05/0 {expected}, 2024-06/0 cold"));
        let hot = before.rows().await["killmails_raw"].len();
        assert_eq!(hot, if between.stored == 1 { 3 } else { 1 }, "{point}");
        let expected = if between.stored == 1 { "2@2 1@3 3@4 4@5" } else { "1@2 2@3 3@4 4@5" };
        assert_eq!(arrivals(&before).await, expected, "{point}");
        assert_eq!(before.number("SELECT count(*) FROM killmails_parked").await, 0, "{point}");
        println!("{point}: killed, completed");
    }
}

#[tokio::test]
async fn what_a_taking_over_left_is_ended_by_the_next_run_of_retention() {
    for (point, expected) in [("adopt.registered", ""), ("adopt.answering", "1@2 2@3 3@4 4@5")] {
        let drill = archived().await;
        let before = as_before(&drill, &[]).await;
        let id = id(&before).await;
        let died = noctis(&before.test, &drill, &["archive", "adopt", &id, "--fail-at", point]);
        assert!(is_killed(died.status), "{}", died.err);
        assert_eq!(arrivals(&before).await, "1@0 2@0 3@0 4@0");
        noctis(&before.test, &drill, &["partitions", "apply", "--after", "keep"]).good();
        assert_eq!(arrivals(&before).await, expected, "{point}");
    }
}

#[tokio::test]
async fn two_parts_with_the_same_kills_are_refused_with_what_to_do() {
    let drill = Drill::with(&[kill(1, MAY)]).await;
    drill.retire(LATER).await;
    drill.restore("2024-05").await;
    let manifest = drill.folder.path().join("manifest/month=2024-05/part-0.json");
    let older = std::fs::read(&manifest).unwrap();
    let file = |table: &str| {
        let path = drill.folder.path().join(format!("table={table}/month=2024-05/part-0.parquet"));
        (path.clone(), std::fs::read(path).unwrap())
    };
    let files = Member::ALL.map(|member| file(member.table()));
    drill.retire(LATER).await;
    // As where the older part was not removed yet.
    std::fs::write(&manifest, older).unwrap();
    for (path, bytes) in files {
        std::fs::write(path, bytes).unwrap();
    }
    let before = as_before(&drill, &[]).await;
    let said = noctis(&before.test, &drill, &["archive", "adopt", &id(&before).await]);
    assert_eq!(said.code(), 1);
    let sentence = "1 kills of month=2024-05/part-1 are in another part of the archive too";
    assert!(said.err.contains(sentence), "{}", said.err);
    assert!(said.err.contains("noctis partitions apply"), "{}", said.err);
    std::fs::remove_file(&manifest).unwrap();
    noctis(&before.test, &drill, &["archive", "adopt", &id(&before).await]).good();
    assert_eq!(before.parts().await, "2024-05/1 cold");
}
