//! The tests' own databases.

use noctis_store::testing::TestDatabase;
use tokio_postgres::Client;

async fn migrate(client: &mut Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("CREATE EXTENSION pg_trgm; CREATE TABLE kill (id bigint)").await
}

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own() {
    let first = TestDatabase::new("test of the tests", migrate).await;
    let second = TestDatabase::new("test of the tests", migrate).await;
    let one = first.owner().await;
    one.batch_execute("INSERT INTO kill VALUES (1)").await.unwrap();
    let other = second.owner().await;
    let count: i64 = other.query_one("SELECT count(*) FROM kill", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_dropped_test_database_is_gone() {
    let kept = TestDatabase::empty().await;
    let dropped = TestDatabase::empty().await;
    let name = dropped.name().to_owned();
    drop(dropped);
    let client = kept.owner().await;
    let query = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let count: i64 = client.query_one(query, &[&name]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_test_database_has_no_superuser() {
    let database = TestDatabase::empty().await;
    for client in [database.owner().await, database.reader().await] {
        let query = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
        assert!(!client.query_one(query, &[]).await.unwrap().get::<_, bool>(0));
    }
}
