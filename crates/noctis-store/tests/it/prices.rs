//! Prices from the tables: each source in its turn, many at once, kept at hand until they change.

use jiff::civil::{Date, date};
use noctis_core::enrich::prices::Basis;
use noctis_store::prices::{KeptPrices, book, facts};
use noctis_store::testing::TestStore;
use tokio_postgres::Client;

const DAY: Date = date(2025, 6, 30);

async fn price(client: &Client, type_id: i64, day: Date) -> Option<(Basis, String)> {
    let book = book(client, &[(type_id, day)]).await.unwrap();
    book.get(type_id, day).map(|price| (price.basis, price.each.to_string()))
}

async fn set(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap();
    client
        .batch_execute("UPDATE noctis_store SET price_revision = price_revision + 1")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_price_comes_from_the_best_source_that_says_something() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    assert_eq!(price(&client, 34, DAY).await, None);
    let steps = [
        ("INSERT INTO adjusted_prices VALUES (34, '2020-01-01', 5, 6)", Basis::Adjusted, "5.00"),
        // The nearest day before prevails over any day after.
        (
            "INSERT INTO adjusted_prices VALUES (34, '2025-07-01', 7, 7), (34, '2025-06-29', 0, 9)",
            Basis::Adjusted,
            "5.00",
        ),
        (
            "INSERT INTO market_prices VALUES (34, '2025-09-28', 8), (34, '2025-09-29', 9)",
            Basis::Later,
            "8.00",
        ),
        ("INSERT INTO build_costs VALUES (34, '2025-07-04', 3)", Basis::BuildCost, "3.00"),
        ("INSERT INTO build_costs VALUES (34, '2025-01-01', 4)", Basis::BuildCost, "4.00"),
        (
            "INSERT INTO market_prices VALUES (34, '2025-05-26', 900), (34, '2025-05-27', 10), (34, '2025-06-29', 12)",
            Basis::Market,
            "11.00",
        ),
        ("INSERT INTO market_prices VALUES (34, '2025-06-30', 6)", Basis::Market, "6.00"),
        ("INSERT INTO price_overrides VALUES (34, '2025-07-01', 1)", Basis::Market, "6.00"),
        ("INSERT INTO price_overrides VALUES (34, '2003-05-06', 0)", Basis::Override, "0.00"),
        ("INSERT INTO price_overrides VALUES (34, '2025-06-30', 2)", Basis::Override, "2.00"),
    ];
    for (sql, basis, each) in steps {
        set(&client, sql).await;
        assert_eq!(price(&client, 34, DAY).await, Some((basis, each.to_owned())), "{sql}");
    }
    // For who asks why, every source is told.
    let all = facts(&client, 34, DAY).await.unwrap();
    assert_eq!(all.override_price.unwrap().to_string(), "2.00");
    assert_eq!(all.averages.len(), 3);
    assert_eq!(all.build_cost.unwrap().to_string(), "4.00");
    assert_eq!(all.later.unwrap().0, date(2025, 9, 28));
    assert_eq!(all.adjusted.unwrap().to_string(), "5.00");
    // Ninety days later it is later no more.
    assert_eq!(price(&client, 35, DAY).await, None);
}

#[tokio::test]
async fn many_prices_come_at_once_each_for_its_day() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    set(
        &client,
        "INSERT INTO market_prices SELECT id, '2025-06-01', id FROM generate_series(1, 5000) id",
    )
    .await;
    let days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 7, 5), date(2025, 7, 6)];
    let needed: Vec<(i64, Date)> = (1..=5_000).flat_map(|id| days.map(|day| (id, day))).collect();
    let book = book(&client, &needed).await.unwrap();
    for (id, day) in needed {
        let price = book.get(id, day).map(|price| (price.basis, price.each.to_string()));
        let expected = match days.iter().position(|known| *known == day) {
            Some(0) => Some(Basis::Later),
            Some(1 | 2) => Some(Basis::Market),
            _ => None,
        };
        assert_eq!(price, expected.map(|basis| (basis, format!("{id}.00"))), "{id} {day}");
    }
}

#[tokio::test]
async fn kept_prices_are_asked_for_again_only_when_prices_have_changed() {
    let test = TestStore::new().await;
    let client = test.database.owner().await;
    let mut kept = KeptPrices::default();
    let mut each = async |client: &Client, type_id: i64| {
        let book = kept.book(client, [(type_id, DAY), (type_id, DAY)]).await.unwrap();
        book.get(type_id, DAY).map(|price| price.each.to_string())
    };
    assert_eq!(each(&client, 34).await, None);
    set(&client, "INSERT INTO market_prices VALUES (34, '2025-06-30', 6)").await;
    assert_eq!(each(&client, 34).await.as_deref(), Some("6.00"));
    assert_eq!(each(&client, 35).await, None);
    // Behind its back: what is kept stays, unpriced types too.
    client
        .batch_execute(
            "UPDATE market_prices SET average = 7; INSERT INTO market_prices VALUES (35, '2025-06-30', 8)",
        )
        .await
        .unwrap();
    assert_eq!(each(&client, 34).await.as_deref(), Some("6.00"));
    assert_eq!(each(&client, 35).await, None);
    set(&client, "SELECT 1").await;
    assert_eq!(each(&client, 34).await.as_deref(), Some("7.00"));
    assert_eq!(each(&client, 35).await.as_deref(), Some("8.00"));
}
