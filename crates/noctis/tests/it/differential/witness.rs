//! Killmails as the test reads them by itself: from the JSON that went in, with the outcome of enrichment beside it.

use std::collections::BTreeMap;

use noctis_core::catalogue::{Catalogue, System};
use noctis_store::testing::TestDatabase;
use serde_json::Value;

/// What somebody on a mail can be asked by, in the order of [`Party`]'s ids.
pub(crate) const FACETS: [&str; 7] =
    ["character", "corporation", "alliance", "faction", "ship_type", "ship_group", "weapon_type"];
/// The places of these two among [`FACETS`].
const SHIP_TYPE: usize = 4;
const SHIP_GROUP: usize = 5;

/// Somebody on a mail: an id for each of [`FACETS`].
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) ids: [Option<i64>; 7],
    pub(crate) final_blow: bool,
}

/// One stack, containers' contents too.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) item_type: i64,
    pub(crate) fitted: bool,
    pub(crate) dropped: bool,
}

/// A kill as questions can mean it.
#[derive(Clone, Debug)]
pub(crate) struct Kill {
    pub(crate) id: i64,
    /// Seconds since 1970, UTC.
    pub(crate) time: i64,
    pub(crate) arrival: i64,
    pub(crate) system: i64,
    pub(crate) constellation: Option<i64>,
    pub(crate) region: Option<i64>,
    /// The kind of space, one at most.
    pub(crate) security: Vec<String>,
    pub(crate) war: Option<i64>,
    pub(crate) victim: Party,
    pub(crate) attackers: Vec<Party>,
    pub(crate) held: Vec<Held>,
    pub(crate) player_count: i64,
    /// Total, fitted, dropped, destroyed, in hundredths of an ISK.
    pub(crate) values: [Option<i64>; 4],
    pub(crate) value_source: String,
    pub(crate) points: Option<i64>,
    pub(crate) npc: bool,
    pub(crate) solo: bool,
    pub(crate) awox: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) module_tags: Vec<String>,
}

/// What the store concluded of a kill: the one thing that is not read from the body.
pub(crate) struct Outcome {
    arrival: i64,
    values: [Option<i64>; 4],
    value_source: String,
    points: Option<i64>,
    flags: [bool; 3],
    labels: Vec<String>,
    module_tags: Vec<String>,
}

/// The outcomes of all kills that are stored; those of archived months from the tables that left the group, which are
/// still there.
pub(crate) async fn outcomes(database: &TestDatabase) -> BTreeMap<i64, Outcome> {
    let client = database.owner().await;
    let retired = "SELECT name FROM retired_leaves WHERE member = 'killmails_enriched'";
    let retired = client.query(retired, &[]).await.unwrap();
    let mut tables = vec!["killmails_enriched".to_owned()];
    tables.extend(retired.iter().map(|row| row.get(0)));
    let mut outcomes = BTreeMap::new();
    for table in tables {
        outcomes.append(&mut outcomes_of(&client, &table).await);
    }
    outcomes
}

async fn outcomes_of(client: &noctis_store::Client, table: &str) -> BTreeMap<i64, Outcome> {
    let sql = "SELECT r.killmail_id, r.arrival, (e.isk_value * 100)::bigint, \
                 (e.fitted_value * 100)::bigint, (e.dropped_value * 100)::bigint, \
                 (e.destroyed_value * 100)::bigint, e.value_source, e.points::bigint, \
                 e.npc, e.solo, e.awox, e.labels, e.module_tags \
               FROM killmail_registry r JOIN ";
    let sql = format!("{sql}{table} e USING (killmail_id, \"timestamp\")");
    let rows = client.query(&sql, &[]).await.unwrap();
    let mut outcomes = BTreeMap::new();
    for row in rows {
        let outcome = Outcome {
            arrival: row.get(1),
            values: [row.get(2), row.get(3), row.get(4), row.get(5)],
            value_source: row.get(6),
            points: row.get(7),
            flags: [row.get(8), row.get(9), row.get(10)],
            labels: row.get(11),
            module_tags: row.get(12),
        };
        outcomes.insert(row.get(0), outcome);
    }
    outcomes
}

impl Kill {
    pub(crate) fn new(body: &Value, outcome: &Outcome, catalogue: &Catalogue) -> Kill {
        let system = body["solar_system_id"].as_i64().unwrap();
        let place = catalogue.systems.get(system);
        let attackers = body["attackers"].as_array().unwrap();
        let player = |attacker: &&Value| attacker["character_id"].as_i64() > Some(3_999_999);
        let time: jiff::Timestamp = body["killmail_time"].as_str().unwrap().parse().unwrap();
        let mut held = Vec::new();
        hold(&body["victim"]["items"], true, &mut held);
        Kill {
            id: body["killmail_id"].as_i64().unwrap(),
            time: time.as_second(),
            arrival: outcome.arrival,
            system,
            constellation: place.map(|place| place.constellation_id),
            region: place.map(|place| place.region_id),
            security: place.and_then(security).map(str::to_owned).into_iter().collect(),
            war: body["war_id"].as_i64(),
            victim: party(&body["victim"], catalogue),
            player_count: i64::try_from(attackers.iter().filter(player).count()).unwrap(),
            attackers: attackers.iter().map(|one| party(one, catalogue)).collect(),
            held,
            values: outcome.values,
            value_source: outcome.value_source.clone(),
            points: outcome.points,
            npc: outcome.flags[0],
            solo: outcome.flags[1],
            awox: outcome.flags[2],
            labels: outcome.labels.clone(),
            module_tags: outcome.module_tags.clone(),
        }
    }

    /// Who fired last: the first of whom the mail says so.
    pub(crate) fn final_blow(&self) -> Option<&Party> {
        self.attackers.iter().find(|attacker| attacker.final_blow)
    }
}

/// By the true security status in known space, else by the region.
fn security(place: &System) -> Option<&'static str> {
    match place.region_id {
        11_000_000..12_000_000 => Some("w-space"),
        12_000_000..13_000_000 => Some("abyssal"),
        10_000_000..11_000_000 if place.security >= 0.45 => Some("highsec"),
        10_000_000..11_000_000 if place.security >= 0.05 => Some("lowsec"),
        10_000_000..11_000_000 => Some("nullsec"),
        _ => None,
    }
}

fn party(one: &Value, catalogue: &Catalogue) -> Party {
    let mut ids = FACETS.map(|facet| one[format!("{facet}_id")].as_i64());
    ids[SHIP_GROUP] = ids[SHIP_TYPE].and_then(|id| Some(catalogue.types.get(id)?.group_id));
    Party { ids, final_blow: one["final_blow"] == true }
}

/// The flags of slots: low, mid, high, rigs, subsystems, services.
fn is_slot(flag: i64) -> bool {
    matches!(flag, 11..=34 | 92..=99 | 125..=132 | 164..=171)
}

/// Fitted is what lies in a slot itself, not in a container there.
fn hold(items: &Value, is_outermost: bool, held: &mut Vec<Held>) {
    for item in items.as_array().into_iter().flatten() {
        held.push(Held {
            item_type: item["item_type_id"].as_i64().unwrap(),
            fitted: is_outermost && is_slot(item["flag"].as_i64().unwrap()),
            dropped: item["quantity_dropped"].as_i64() > Some(0),
        });
        hold(&item["items"], false, held);
    }
}
