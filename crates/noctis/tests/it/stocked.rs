//! Stores with killmails in them, and a way to ask them over HTTP without a socket.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use noctis::api;
use noctis::app::App;
use noctis_core::killmail::shape::{Record, recognise};
use noctis_store::ingest::Ingester;
use noctis_store::testing::{TestStore, catalogue, ingest_options, pieces, real_files, store_text};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// Pages of one question at most.
const PAGES_MAX: usize = 2_000;

/// A store and the router on it.
pub(crate) struct Stocked {
    pub(crate) test: TestStore,
    pub(crate) app: App,
    pub(crate) router: Router,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Stocked {
    pub(crate) async fn empty() -> Stocked {
        let test = TestStore::new().await;
        let app = App::new(test.store.clone(), catalogue());
        Stocked { router: api::router(app.clone()), test, app }
    }

    /// The same, with the months that are in an archive.
    pub(crate) fn with_archive(self, place: noctis_archive::Place) -> Stocked {
        let app = self.app.with_archive(place);
        Stocked { router: api::router(app.clone()), app, ..self }
    }

    /// All real killmails, with their bodies by id; None, said aloud, where they are missing.
    pub(crate) async fn real() -> Option<(Stocked, BTreeMap<i64, Value>)> {
        let files = real_files()?;
        let stocked = Stocked::empty().await;
        let mut ingester = Ingester::new(&stocked.test.store, ingest_options()).await.unwrap();
        let mut bodies = BTreeMap::new();
        for (name, bytes) in &files {
            store_text(&mut ingester, name, bytes, 100).await;
            for piece in pieces(bytes) {
                if let Ok(Record::Mail(mail)) = recognise(&piece) {
                    let body = serde_json::from_str(&mail.body).unwrap();
                    bodies.insert(mail.killmail.killmail_id, body);
                }
            }
        }
        Some((stocked, bodies))
    }

    /// Stores made-up kills, given as id and time.
    pub(crate) async fn add(&self, kills: &[(i64, &str)]) {
        let text: String =
            kills.iter().map(|(id, time)| format!("{}\n", made_up(*id, time))).collect();
        let mut ingester = Ingester::new(&self.test.store, ingest_options()).await.unwrap();
        let outcome = store_text(&mut ingester, "made up", text.as_bytes(), 1_000).await;
        assert_eq!(outcome.stored, kills.len() as u64, "{outcome:?}");
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// The ids on one page, in its order, and the cursor of the next.
    pub(crate) async fn page(&self, query: &str) -> (Vec<i64>, Option<String>) {
        let answer = self.get(&format!("/api/v1/killmails?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text);
        let json = answer.json();
        let kills = json["killmails"].as_array().unwrap();
        let ids = kills.iter().map(|kill| kill["killmail_id"].as_i64().unwrap()).collect();
        (ids, json["next"].as_str().map(str::to_owned))
    }

    /// All ids of a question in `order=time`, page by page, in the order in which they came.
    pub(crate) async fn all(&self, query: &str) -> Vec<i64> {
        let (mut ids, mut next) = self.page(query).await;
        for _ in 0..PAGES_MAX {
            let Some(cursor) = next else { return ids };
            let (more, following) = self.page(&format!("{query}&cursor={cursor}")).await;
            ids.extend(more);
            next = following;
        }
        panic!("{query} has no end");
    }
}

/// A small killmail that is well formed.
pub(crate) fn made_up(killmail_id: i64, killmail_time: &str) -> Value {
    json!({
        "killmail_id": killmail_id,
        "killmail_time": killmail_time,
        "solar_system_id": 30_000_142,
        "victim": {
            "character_id": 90_000_001, "corporation_id": 98_000_001, "ship_type_id": 587,
            "damage_taken": 10,
            "items": [{"item_type_id": 3_467, "flag": 5, "singleton": 0, "quantity_dropped": 1,
                "items": [{"item_type_id": 34, "flag": 5, "singleton": 0, "quantity_destroyed": 7}]}],
        },
        "attackers": [{
            "character_id": 90_000_002, "corporation_id": 98_000_002, "alliance_id": 99_000_002,
            "ship_type_id": 17_703, "weapon_type_id": 2_977, "damage_done": 10, "final_blow": true,
            "security_status": -9.5,
        }],
    })
}
