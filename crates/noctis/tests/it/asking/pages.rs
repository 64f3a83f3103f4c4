//! Pages by value and of listed kills: every kill once, ties in order.

use noctis_core::question::Asked;
use noctis_store::ingest::Ingester;
use noctis_store::testing::{ingest_options, store_text};

use super::{Asker, ids, page, pairs, stocked, understood};
use crate::stocked::made_up;

/// The ids of all pages, in their order.
async fn walk(client: &Asker, query: &str) -> Vec<i64> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    for _ in 0..20 {
        let asked = pairs(&format!("{query}{cursor}"));
        let page = page(client, &understood(client, &asked).await).await;
        found.extend(ids(&page));
        match page.next {
            Some(next) => cursor = format!("&cursor={}", next.encode()),
            None => return found,
        }
    }
    panic!("{query} has no end");
}

#[tokio::test]
async fn by_value_the_most_valuable_come_first_and_of_equals_the_newest() {
    let (_test, client) = stocked().await;
    for limit in 1..=5 {
        let query = format!("order=value&from=30d&limit={limit}");
        assert_eq!(walk(&client, &query).await, [3, 4, 2, 1], "{limit}");
    }
    // Of one value and one second, by id.
    let owner = client;
    let same = "UPDATE killmails_enriched SET isk_value = 5, \"timestamp\" = \"timestamp\" WHERE isk_value IS NOT NULL";
    owner.batch_execute(same).await.unwrap();
    for limit in 1..=4 {
        let query = format!("order=value&from=30d&limit={limit}&max_value=5");
        assert_eq!(walk(&owner, &query).await, [4, 3, 2, 1], "{limit}");
    }
}

#[tokio::test]
async fn kills_of_one_second_and_one_value_come_by_id_in_every_order() {
    let (test, client) = stocked().await;
    let second: String =
        (101..=107).map(|id| format!("{}\n", made_up(id, "2026-11-21T08:00:00Z"))).collect();
    let mut ingester = Ingester::new(&test.store, ingest_options()).await.unwrap();
    store_text(&mut ingester, "made up", second.as_bytes(), 100).await;
    client
        .batch_execute("UPDATE killmails_enriched SET isk_value = 5 WHERE killmail_id > 100")
        .await
        .unwrap();
    for limit in 1..=8 {
        for order in ["value", "time"] {
            let query = format!("order={order}&from=48h&limit={limit}");
            let newest: Vec<i64> = (101..=107).rev().collect();
            assert_eq!(walk(&client, &query).await, newest, "{query}");
        }
    }
}

#[tokio::test]
async fn listed_kills_come_newest_first_without_a_search_of_months() {
    let (_test, client) = stocked().await;
    for limit in 1..=5 {
        let query = format!("killmail_id=1,2,3,5,77&limit={limit}");
        assert_eq!(walk(&client, &query).await, [5, 3, 2, 1], "{limit}");
    }
    assert_eq!(walk(&client, "killmail_id=1,2,3,5&npc=false&limit=1").await, [3, 2, 1]);
    assert_eq!(walk(&client, "killmail_id=1,2,3,5&to=2026-11-12T10:00:00Z").await, [1]);
    // More than are looked at in one statement.
    let many: Vec<i64> = (1..5_000).collect();
    let asked = Asked::from_json(format!("{{\"killmail_id\": {many:?}}}").as_bytes()).unwrap();
    let found = page(&client, &understood(&client, &asked).await).await;
    assert_eq!((ids(&found), found.next), (vec![6, 5, 4, 3, 2, 1], None));
}
