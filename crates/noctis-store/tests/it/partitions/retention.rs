//! What retention looks at, the steps that the tables alone need, and the ledger's lines about them.

use noctis_core::partition::{Policy, Retention, Step, plan};
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::TestStore;
use noctis_store::{Client, Error, ledger};

use crate::kills::batch;
use crate::kills::{at, column, count, ensure_months, ingester, kill, store};
use crate::reading::now;

/// One month is kept, and nothing need settle.
fn policy() -> Policy {
    let retention = Retention {
        keep_months: 1,
        settle: jiff::SignedDuration::ZERO,
        floor: 0,
        ..Retention::default()
    };
    Policy { retention, ..Policy::default() }
}

/// What `policy` asks for, but creations. The clock is ahead of whenever this runs, the months are counted from the kills.
async fn steps(client: &Client) -> Vec<Step> {
    let (policy, later) = (policy(), at("2100-01-01T00:00:00Z"));
    let cutoff = policy.retention.cutoff(later);
    let mut inventory = partitions::inspect_with_touched(client, cutoff).await.unwrap();
    inventory.database_now = None;
    let steps = plan(&policy, &inventory, later, &[]).steps;
    steps.into_iter().filter(|step| step.action() != "create").collect()
}

fn actions(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.action().to_owned()).collect()
}

#[tokio::test]
async fn a_month_is_closed_and_opened_again_and_the_ledger_tells_both() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-08-22T11:00:00Z"), kill(2, "2026-11-22T10:00:00Z")]).await;
    let mut client = test.database.owner().await;
    let planned = steps(&client).await;
    assert_eq!(actions(&planned), ["close", "archive", "detach"]);
    let plan = Some("the plan");
    partitions::carry_out(&mut client, &planned[0], LockBudget::default(), plan).await.unwrap();
    assert_eq!(actions(&steps(&client).await), ["archive", "detach"]);
    let read = "SELECT count(*) FROM killmails_raw WHERE \"timestamp\" < '2026-09-01'";
    assert_eq!(count(&client, read).await, 1, "it answers all the same");
    let refused =
        ingester(&test).await.store(batch(&[kill(3, "2026-08-23T11:00:00Z")]), now()).await;
    assert!(!matches!(&refused, Ok(outcome) if outcome.stored > 0), "{refused:?}");

    // What was read back while it was closed is worth nothing once it is open.
    client
        .batch_execute(
            "INSERT INTO archive_parts (month, part, range_from, range_to, state, kills, manifest, verified_at) \
             VALUES ('2026-08', 0, '2026-08-01+00', '2026-09-01+00', 'verified', 1, '{}', now())",
        )
        .await
        .unwrap();
    assert_eq!(actions(&steps(&client).await), ["detach"]);
    let Step::Close { range, leaves } = &planned[0] else { panic!("{planned:?}") };
    let leaves =
        leaves.iter().cloned().map(|leaf| noctis_core::partition::Leaf { closed: true, ..leaf });
    let reopen = Step::Reopen { range: *range, leaves: leaves.collect() };
    partitions::carry_out(&mut client, &reopen, LockBudget::default(), plan).await.unwrap();
    assert_eq!(count(&client, "SELECT count(*) FROM archive_parts").await, 0);
    assert_eq!(actions(&steps(&client).await), ["close", "archive", "detach"]);

    let lines = ledger::newest(&client, 2).await.unwrap();
    let [opened, closed] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((opened.action.as_str(), closed.action.as_str()), ("reopen", "close"));
    assert_eq!((closed.plan.as_deref(), closed.lock_tries), (plan, Some(1)));
    assert_eq!(closed.before.as_ref().unwrap()["killmails_raw_2026_08"], "attached");
    assert_eq!(closed.after.as_ref().unwrap()["killmails_raw_2026_08"], "closed");
    assert!(closed.who.contains(", noctis ") && closed.who.contains(" pid "), "{}", closed.who);
}

#[tokio::test]
async fn a_month_that_is_written_to_or_was_just_made_settles_first() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-08-22T11:00:00Z"), kill(2, "2026-11-22T10:00:00Z")]).await;
    ensure_months(&test, "2026-06-15T00:00:00Z", 0).await;
    let client = test.database.owner().await;
    let cutoff = policy().retention.cutoff(now());
    let inventory = partitions::inspect_with_touched(&client, cutoff).await.unwrap();
    assert_eq!(inventory.newest, Some(at("2026-11-22T10:00:00Z")));
    let touched: Vec<String> =
        inventory.touched.keys().map(|range| range.from.to_string()).collect();
    assert_eq!(
        touched,
        ["2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z"],
        "June is empty, and known"
    );
    let written = "SELECT enriched_at::text FROM killmails_enriched_2026_08";
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    let written: jiff::Timestamp =
        column(&client, written).await[0].replace(' ', "T").parse().unwrap();
    assert!(*inventory.touched.values().last().unwrap() >= written);
}

#[tokio::test]
async fn a_closing_that_waits_too_long_holds_nobody_up_and_is_put_off() {
    let test = TestStore::new().await;
    store(&test, &[kill(1, "2026-08-22T11:00:00Z"), kill(2, "2026-11-22T10:00:00Z")]).await;
    let mut client = test.database.owner().await;
    let close = steps(&client).await.remove(0);
    let mut reader = test.database.owner().await;
    let open = reader.transaction().await.unwrap();
    open.batch_execute("SELECT count(*) FROM killmails_raw").await.unwrap();
    // Others wait while it waits: it tries twelve times as often, for shorter.
    let budget = LockBudget { milliseconds_max: 20, tries_max: 2 };
    let refused = partitions::carry_out(&mut client, &close, budget, None).await;
    let Err(Error::LockBudget { tries: 24, blockers }) = &refused else { panic!("{refused:?}") };
    assert!(blockers.contains("SELECT count(*) FROM killmails_raw"), "{blockers}");
    let lines = ledger::newest(&client, 1).await.unwrap();
    assert_eq!(lines[0].action, "create", "what was not done is not written down");
}

#[tokio::test]
async fn nobody_changes_the_ledger() {
    let test = TestStore::new().await;
    ensure_months(&test, "2026-06-15T00:00:00Z", 0).await;
    let client = test.database.owner().await;
    for statement in [
        "UPDATE lifecycle_ledger SET who = 'me'",
        "DELETE FROM lifecycle_ledger",
        "TRUNCATE lifecycle_ledger",
    ] {
        let refused = client.batch_execute(statement).await.unwrap_err();
        assert!(refused.as_db_error().unwrap().message().contains("only added to"), "{statement}");
    }
}
