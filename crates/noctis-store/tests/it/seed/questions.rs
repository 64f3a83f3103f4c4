//! The questions that the seed names in words, asked of our tables as it would write them.

use jiff::{SignedDuration, Timestamp};
use noctis_store::testing::TestStore;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::kills::{
    ARCHON, ATTACKER, ATTACKER_ALLIANCE, ATTACKER_CORPORATION, JITA, VICTIM, VICTIM_CORPORATION,
    batch, column, ingester, kill,
};

const OTHER_PILOT: i64 = 90_000_009;
const OTHER_SYSTEM: i64 = 30_002_187;

/// The database's clock: the seed's questions count from it.
struct Clock {
    now: Timestamp,
    midnight: Timestamp,
}

impl Clock {
    async fn read(client: &Client) -> Clock {
        let query = "SELECT now(), date_trunc('day', now(), 'UTC')";
        let row = client.query_one(query, &[]).await.unwrap();
        Clock { now: row.get(0), midnight: row.get(1) }
    }

    fn ago(&self, minutes: i64) -> String {
        second(self.now.checked_sub(SignedDuration::from_mins(minutes)).unwrap())
    }
}

fn second(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap().to_string()
}

/// 1 is Jita's, ten minutes old, with a Tech II gun; 2 is Jita's, two hours old; 3 a carrier, elsewhere, at midnight, of
/// another pilot, worth much; 4 is of 2010.
async fn few_kills(test: &TestStore, clock: &Clock) {
    let client = test.store.client().await.unwrap();
    let gun = "SELECT type_id FROM types WHERE name = '200mm AutoCannon II'";
    let gun: i64 = client.query_one(gun, &[]).await.unwrap().get(0);
    let mut first = kill(1, &clock.ago(10));
    first["victim"]["items"] =
        json!([{"item_type_id": gun, "flag": 27, "singleton": 0, "quantity_destroyed": 1}]);
    first["zkb"] = json!({"totalValue": 5_000_000.25});
    let mut second_kill = kill(2, &clock.ago(120));
    second_kill["zkb"] = json!({"totalValue": 100_000_000});
    let mut carrier = kill(3, &second(clock.midnight));
    carrier["solar_system_id"] = OTHER_SYSTEM.into();
    carrier["victim"]["ship_type_id"] = ARCHON.into();
    carrier["victim"]["character_id"] = OTHER_PILOT.into();
    carrier["victim"]["corporation_id"] = ATTACKER_CORPORATION.into();
    carrier["attackers"] = json!([{"character_id": VICTIM, "corporation_id": VICTIM_CORPORATION, "damage_done": 1,
        "final_blow": true, "security_status": 0.0, "ship_type_id": 587, "weapon_type_id": 587}]);
    carrier["zkb"] = json!({"totalValue": 2_000_000_000});
    let kills = [first, second_kill, carrier, kill(4, "2010-02-03T04:05:06Z")];
    let outcome = ingester(test).await.store(batch(&kills), clock.now).await.unwrap();
    assert_eq!((outcome.stored, outcome.parked_total()), (4, 0));
}

async fn check(client: &Client, question: &str, expected: &[&str]) {
    assert_eq!(column(client, question).await, expected, "{question}");
}

#[tokio::test]
async fn kills_are_found_as_the_seed_would_ask_for_them() {
    let test = TestStore::new().await;
    let client = test.store.client().await.unwrap();
    let clock = Clock::read(&client).await;
    few_kills(&test, &clock).await;
    let newest_first = {
        let mut order =
            [(clock.ago(10), "1"), (clock.ago(120), "2"), (second(clock.midnight), "3")];
        order.sort();
        [order[2].1, order[1].1, order[0].1, "4"]
    };
    // Latest X; X within the last hour.
    check(
        &client,
        "SELECT killmail_id FROM killmails_raw ORDER BY timestamp DESC LIMIT 4",
        &newest_first,
    )
    .await;
    let carrier_is_fresh = clock.now.duration_since(clock.midnight) < SignedDuration::from_mins(60);
    let last_hour: &[&str] = if carrier_is_fresh { &["1", "3"] } else { &["1"] };
    check(
        &client,
        "SELECT killmail_id FROM killmails_raw WHERE timestamp > now() - interval '1 hour' ORDER BY killmail_id",
        last_hour,
    )
    .await;
    // "Show me Jita kills in last hour", "show me carriers killed today".
    check(
        &client,
        &format!("SELECT killmail_id FROM killmails_raw WHERE system_id = {JITA} AND timestamp > now() - interval '1 hour' ORDER BY timestamp DESC"),
        &["1"],
    )
    .await;
    check(
        &client,
        "SELECT r.killmail_id FROM killmails_raw r JOIN types t ON t.type_id = r.ship_type_id \
         JOIN type_groups g ON g.group_id = t.group_id \
         WHERE g.name = 'Carrier' AND r.timestamp >= date_trunc('day', now()) ORDER BY r.timestamp DESC",
        &["3"],
    )
    .await;
    check(
        &client,
        &format!("SELECT killmail_id FROM killmails_raw WHERE ship_type_id = {ARCHON} AND timestamp >= date_trunc('day', now())"),
        &["3"],
    )
    .await;
}

#[tokio::test]
async fn values_tags_and_json_are_found_as_the_seed_would_ask_for_them() {
    let test = TestStore::new().await;
    let client = test.store.client().await.unwrap();
    few_kills(&test, &Clock::read(&client).await).await;
    // "Kills > 100 M": the one of exactly 100 M is not among them, nor is the one of unknown value.
    check(&client, "SELECT killmail_id FROM killmails_enriched WHERE isk_value > 100000000 ORDER BY isk_value DESC", &["3"]).await;
    check(
        &client,
        "SELECT isk_value FROM killmails_enriched WHERE killmail_id = 1",
        &["5000000.25"],
    )
    .await;
    check(
        &client,
        "SELECT killmail_id FROM killmails_enriched WHERE module_tags @> ARRAY['T2 Guns']",
        &["1"],
    )
    .await;
    check(
        &client,
        r#"SELECT killmail_id FROM killmails_enriched WHERE enrichment_blob @> '{"zkb": {"totalValue": 2000000000}}'"#,
        &["3"],
    )
    .await;
    check(
        &client,
        &format!(r#"SELECT killmail_id FROM killmails_raw WHERE raw_payload @> '{{"victim": {{"ship_type_id": {ARCHON}}}}}'"#),
        &["3"],
    )
    .await;
    // By the time at which it was enriched.
    check(
        &client,
        "SELECT count(*) FROM killmails_enriched WHERE enriched_at > now() - interval '1 hour'",
        &["4"],
    )
    .await;
}

#[tokio::test]
async fn kills_of_somebody_and_joins_are_found_as_the_seed_would_ask_for_them() {
    let test = TestStore::new().await;
    let client = test.store.client().await.unwrap();
    few_kills(&test, &Clock::read(&client).await).await;
    for (condition, expected) in [
        (format!("character_id = {VICTIM}"), vec!["4", "3", "2", "1"]),
        (format!("character_id = {OTHER_PILOT}"), vec!["3"]),
        (format!("character_id = {ATTACKER}"), vec!["4", "2", "1"]),
        (format!("corporation_id = {ATTACKER_CORPORATION}"), vec!["4", "3", "2", "1"]),
        (format!("alliance_id = {ATTACKER_ALLIANCE}"), vec!["4", "2", "1"]),
    ] {
        let question = format!(
            "SELECT DISTINCT killmail_id FROM killmail_participants WHERE {condition} ORDER BY killmail_id DESC"
        );
        check(&client, &question, &expected).await;
    }
    // Raw with enriched and participants, by the id alone as by the whole key.
    for key in ["USING (killmail_id)", "USING (killmail_id, timestamp)"] {
        let question = format!(
            "SELECT r.killmail_id || ' ' || coalesce(e.isk_value::text, 'unknown') || ' ' || p.ordinal \
             FROM killmails_raw r JOIN killmails_enriched e {key} JOIN killmail_participants p {key} \
             WHERE p.character_id = {VICTIM} ORDER BY r.killmail_id"
        );
        check(
            &client,
            &question,
            &["1 5000000.25 0", "2 100000000.00 0", "3 2000000000.00 1", "4 unknown 0"],
        )
        .await;
    }
}

#[tokio::test]
async fn names_users_and_profiles_are_found_as_the_seed_would_ask_for_them() {
    let test = TestStore::new().await;
    let client = test.store.client().await.unwrap();
    client
        .batch_execute(
            "INSERT INTO characters (eve_id, name, corporation_id, alliance_id) VALUES
               (1, 'Kaminari Shadow', 10, 100), (2, 'Shadow of Jita', 10, NULL), (3, 'Somebody', 11, 100);
             INSERT INTO corporations (eve_id, name) VALUES (10, 'Shadow Trading');
             INSERT INTO alliances (eve_id, name) VALUES (100, 'The Shadows');
             INSERT INTO users (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'me');
             INSERT INTO users_characters (user_id, character_id) VALUES ('00000000-0000-0000-0000-000000000001', 1);
             INSERT INTO surveillance_profiles (id, user_id, name)
               VALUES ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000001', 'Jita');
             INSERT INTO surveillance_filters (profile_id, filter_type, operator, value, order_index) VALUES
               ('00000000-0000-0000-0000-00000000000a', 'ship', 'in', '{\"ids\": [587, 23757]}', 2),
               ('00000000-0000-0000-0000-00000000000a', 'system', 'in', '{\"ids\": [30000142]}', 1);",
        )
        .await
        .unwrap();
    // Autosuggest, by part of a name and by likeness.
    check(
        &client,
        "SELECT name FROM characters WHERE name ILIKE '%shadow%' ORDER BY name",
        &["Kaminari Shadow", "Shadow of Jita"],
    )
    .await;
    check(
        &client,
        "SELECT name FROM characters WHERE name % 'kaminary shadow'",
        &["Kaminari Shadow"],
    )
    .await;
    check(
        &client,
        "SELECT name FROM corporations WHERE name ILIKE '%trading%'",
        &["Shadow Trading"],
    )
    .await;
    check(&client, "SELECT name FROM alliances WHERE name ILIKE '%shadows%'", &["The Shadows"])
        .await;
    check(&client, "SELECT name FROM systems WHERE name ILIKE '%jita%'", &["Jita"]).await;
    // Filter by corporation and alliance on the character page.
    check(
        &client,
        "SELECT eve_id FROM characters WHERE corporation_id = 10 ORDER BY 1",
        &["1", "2"],
    )
    .await;
    check(&client, "SELECT eve_id FROM characters WHERE alliance_id = 100 ORDER BY 1", &["1", "3"])
        .await;
    // A user's characters and a character's users; profiles of a user, filters of a profile in their order.
    let me = "'00000000-0000-0000-0000-000000000001'";
    check(
        &client,
        &format!("SELECT character_id FROM users_characters WHERE user_id = {me}"),
        &["1"],
    )
    .await;
    check(
        &client,
        "SELECT name FROM users JOIN users_characters ON user_id = id WHERE character_id = 1",
        &["me"],
    )
    .await;
    check(
        &client,
        &format!("SELECT name FROM surveillance_profiles WHERE user_id = {me}"),
        &["Jita"],
    )
    .await;
    let filters = "SELECT filter_type FROM surveillance_filters";
    check(&client, &format!("{filters} WHERE profile_id = '00000000-0000-0000-0000-00000000000a' ORDER BY order_index"), &["system", "ship"]).await;
    check(&client, &format!("{filters} WHERE filter_type = 'ship'"), &["ship"]).await;
    check(&client, &format!("{filters} WHERE value @> '{{\"ids\": [587]}}'"), &["ship"]).await;
}

/// "Drop/archive old partitions in bulk instead of row-by-row deletes."
#[tokio::test]
async fn a_month_goes_in_bulk() {
    let test = TestStore::new().await;
    let client = test.store.client().await.unwrap();
    few_kills(&test, &Clock::read(&client).await).await;
    for parent in ["killmails_raw", "killmails_enriched", "killmail_participants"] {
        let detach = format!(
            "ALTER TABLE {parent} DETACH PARTITION {parent}_2010_02; DROP TABLE {parent}_2010_02"
        );
        client.batch_execute(&detach).await.unwrap();
        let left = format!("SELECT DISTINCT killmail_id FROM {parent} ORDER BY killmail_id");
        check(&client, &left, &["1", "2", "3"]).await;
    }
    // What the store has ever held, it still knows.
    let known: Value = serde_json::to_value(
        column(&client, "SELECT killmail_id FROM killmail_registry ORDER BY 1").await,
    )
    .unwrap();
    assert_eq!(known, json!(["1", "2", "3", "4"]));
}
