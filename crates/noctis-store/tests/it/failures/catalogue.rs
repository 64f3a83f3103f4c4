//! What partitions cost those who ask.

use noctis_store::partitions;

use crate::kills::count;
use crate::prune::two_years;
use crate::sql::{TIMED, queries, with_staging};

/// Locks on leaves and their indexes that a query on one month may take: three tables with at most six indexes each.
const LOCKS_MAX: i64 = 24;

#[tokio::test]
async fn failure_26_a_statement_run_often_goes_on_locking_one_month_only() {
    let test = two_years().await;
    let client = with_staging(&test).await;
    client.batch_execute("ANALYZE").await.unwrap();
    let queries = queries();
    let mut most = (0, "");
    for &(name, parameters) in TIMED {
        let text = queries[name].trim_end().trim_end_matches(';');
        client.batch_execute(&format!("PREPARE often AS {text}")).await.unwrap();
        // After the fifth PostgreSQL may take a plan that serves all parameters, and locks all leaves.
        for _ in 0..10 {
            client
                .batch_execute(&format!("BEGIN; EXECUTE often ({parameters}); ROLLBACK"))
                .await
                .unwrap();
        }
        client.batch_execute(&format!("BEGIN; EXECUTE often ({parameters})")).await.unwrap();
        let locks = |which: &str| {
            format!(
                "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = pg_backend_pid() \
                 AND c.relname ~ '^kill(mails_raw|mails_enriched|mail_participants)_20' AND c.relname {which} '_2025_06'"
            )
        };
        let (there, elsewhere) =
            (count(&client, &locks("~")).await, count(&client, &locks("!~")).await);
        client.batch_execute("ROLLBACK; DEALLOCATE often").await.unwrap();
        assert_eq!(elsewhere, 0, "{name} locks other months");
        assert!(there <= LOCKS_MAX, "{name} takes {there} locks");
        most = most.max((there, name));
    }
    println!("at most {} locks on leaves and their indexes, by {}", most.0, most.1);
}

#[tokio::test]
async fn failure_25_what_partitions_cost_in_locks_is_foretold() {
    let test = two_years().await;
    let mut client = test.database.owner().await;
    let foretold = partitions::lock_table(&client).await.unwrap();
    let asking = client.transaction().await.unwrap();
    // A question that gives no range of time, of all tables.
    for table in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        asking
            .batch_execute(&format!("SELECT count(*) FROM {table} WHERE killmail_id = 1"))
            .await
            .unwrap();
    }
    let taken = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
                 WHERE l.pid = pg_backend_pid() AND c.relname ~ '^kill(mail_participants|mails_raw|mails_enriched)'";
    let taken: i64 = asking.query_one(taken, &[]).await.unwrap().get(0);
    println!("{} locks foretold, {taken} taken, room for {}", foretold.locks, foretold.room);
    assert!((foretold.locks - taken).abs() * 20 <= taken, "{foretold:?}, {taken} taken");
    assert!(foretold.room > foretold.locks);
}
