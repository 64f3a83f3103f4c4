//! The document noctis implements: what PostgreSQL says to each of its 33 statements, and what stands in our schema.

mod questions;
mod statements;

use noctis_store::testing::{TestDatabase, TestStore};
use tokio_postgres::Client;

use crate::kills::{column, ensure_months};
use statements::{Ours, SEED};

/// What PostgreSQL says: nothing, or SQLSTATE and message.
async fn say(client: &Client, statement: &str) -> Option<String> {
    let error = client.batch_execute(statement).await.err()?;
    let error = error.as_db_error().unwrap();
    Some(format!("{} {}", error.code().code(), error.message()))
}

#[tokio::test]
async fn of_the_seeds_statements_only_the_extension_works_as_written() {
    assert_eq!(SEED.len(), 33);
    let database = TestDatabase::empty().await;
    let client = database.owner().await;
    let mut wrong = Vec::new();
    for said in &SEED {
        let answer = say(&client, said.statement).await;
        if answer.as_deref() != said.answer {
            wrong.push(format!(
                "{}\n  -- expected {:?}\n  -- got      {answer:?}",
                said.statement, said.answer
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(SEED.iter().filter(|said| said.answer.is_none()).count(), 1);
}

#[tokio::test]
async fn what_each_of_them_is_for_stands_in_our_schema() {
    let test = TestStore::new().await;
    ensure_months(&test, "2025-06-15T00:00:00Z", 1).await;
    let client = test.database.owner().await;
    client.batch_execute("SET TimeZone = 'UTC'").await.unwrap();
    for said in &SEED {
        match said.ours {
            Ours::Index(table, definition) => {
                let query = format!(
                    "SELECT split_part(indexdef, ' USING ', 2) FROM pg_indexes \
                     WHERE schemaname = 'public' AND tablename = '{table}'"
                );
                let there = column(&client, &query).await;
                assert!(
                    there.iter().any(|one| one == definition),
                    "{}: {there:#?}",
                    said.statement
                );
            }
            Ours::Holds(question) => {
                assert_eq!(
                    column(&client, question).await,
                    ["t"],
                    "{}: {question}",
                    said.statement
                );
            }
            Ours::Runs(statement) => {
                assert_eq!(say(&client, statement).await, None, "{}: {statement}", said.statement);
            }
        }
    }
}

#[tokio::test]
async fn the_facts_that_forced_the_other_shape_are_still_facts() {
    let database = TestDatabase::empty().await;
    let client = database.owner().await;
    client
        .batch_execute(
            "CREATE TABLE raw (id bigint, t timestamptz, PRIMARY KEY (id, t)) PARTITION BY RANGE (t);
             CREATE TABLE raw_1 PARTITION OF raw FOR VALUES FROM ('2025-06-01+00') TO ('2025-07-01+00');
             CREATE TABLE enr (id bigint, t timestamptz, PRIMARY KEY (id, t)) PARTITION BY RANGE (t);
             CREATE TABLE enr_1 PARTITION OF enr FOR VALUES FROM ('2025-06-01+00') TO ('2025-07-01+00');",
        )
        .await
        .unwrap();
    // Row 2 of the table in schema.md: the composite key takes one id under two times.
    let twice = "INSERT INTO raw VALUES (1, '2025-06-02+00'), (1, '2025-06-03+00')";
    assert_eq!(say(&client, twice).await, None);
    // Row 5: a participant without a character cannot have one in its key.
    let npc = "CREATE TABLE p (id bigint, character_id bigint, PRIMARY KEY (id, character_id)); INSERT INTO p VALUES (1, NULL)";
    let answer = say(&client, npc).await.unwrap();
    assert!(answer.starts_with("23502"), "{answer}");
    // Row 3: with a foreign key between them, detaching one month fails, and still does when the other is detached.
    client
        .batch_execute(
            "INSERT INTO enr VALUES (1, '2025-06-02+00');
             ALTER TABLE enr ADD FOREIGN KEY (id, t) REFERENCES raw (id, t)",
        )
        .await
        .unwrap();
    let detach = "ALTER TABLE raw DETACH PARTITION raw_1";
    assert!(say(&client, detach).await.unwrap().starts_with("23503"));
    client.batch_execute("ALTER TABLE enr DETACH PARTITION enr_1").await.unwrap();
    assert!(say(&client, detach).await.unwrap().starts_with("23503"));
    // A row in a DEFAULT partition stops the creation of its month.
    client
        .batch_execute(
            "CREATE TABLE d (t timestamptz) PARTITION BY RANGE (t);
             CREATE TABLE d_default PARTITION OF d DEFAULT;
             INSERT INTO d VALUES ('2025-06-02+00');",
        )
        .await
        .unwrap();
    let create =
        "CREATE TABLE d_1 PARTITION OF d FOR VALUES FROM ('2025-06-01+00') TO ('2025-07-01+00')";
    assert!(say(&client, create).await.unwrap().starts_with("23514"));
}

/// Row 9: the lock that `PARTITION OF` takes on the parent, and that ours does not take.
#[tokio::test]
async fn partition_of_locks_the_parent_against_everybody_and_attach_does_not() {
    let test = TestStore::new().await;
    ensure_months(&test, "2025-06-15T00:00:00Z", 0).await;
    let mut client = test.database.owner().await;
    let modes = "SELECT mode FROM pg_locks WHERE relation = 'killmails_raw'::regclass AND pid = pg_backend_pid() \
                 AND mode IN ('AccessExclusiveLock', 'ShareUpdateExclusiveLock')";
    let range = "FOR VALUES FROM ('2025-07-01 00:00:00+00') TO ('2025-08-01 00:00:00+00')";
    let theirs = client.transaction().await.unwrap();
    theirs
        .batch_execute(&format!("CREATE TABLE july PARTITION OF killmails_raw {range}"))
        .await
        .unwrap();
    assert_eq!(column(theirs.client(), modes).await, ["AccessExclusiveLock"]);
    theirs.rollback().await.unwrap();
    let ours = client.transaction().await.unwrap();
    ours.batch_execute(&format!(
        "CREATE TABLE july (LIKE killmails_raw INCLUDING ALL EXCLUDING INDEXES); \
         ALTER TABLE killmails_raw ATTACH PARTITION july {range}"
    ))
    .await
    .unwrap();
    assert_eq!(column(ours.client(), modes).await, ["ShareUpdateExclusiveLock"]);
}
