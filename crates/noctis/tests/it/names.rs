//! Names asked of an ESI on loopback: what is asked, what is written, what is waited for.

use jiff::{SignedDuration, Timestamp};
use noctis::esi::{Closed, Esi, Why};
use noctis::names::resolve::{End, Learned, round};
use noctis::names::{Since, walk_through};
use noctis_store::names::walk::{self, LOCK, Wanted};
use noctis_store::names::{self, Kind};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::loopback::{Fault, Loopback};
use crate::stocked::{Stocked, made_up};

mod listed;

/// Rounds until all is learned; a test that needs more has no end.
const ROUNDS_MAX: u32 = 50;

/// Noon, far from downtime.
fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn client(esi: &Loopback) -> Esi {
    Esi::new(&esi.url(), Some("pilot@example.org")).unwrap()
}

/// A kill on which these characters fired, with everybody else made up as usual.
fn kill_of(killmail_id: i64, characters: &[i64]) -> serde_json::Value {
    let mut kill = made_up(killmail_id, "2026-11-20T10:00:00Z");
    let attackers = characters.iter().map(|id| {
        json!({ "character_id": id, "ship_type_id": 587, "damage_done": 1, "final_blow": false, "security_status": 0.0 })
    });
    kill["victim"].as_object_mut().unwrap().remove("character_id");
    kill["victim"].as_object_mut().unwrap().remove("corporation_id");
    kill["attackers"] = attackers.collect();
    kill
}

impl Stocked {
    pub(crate) async fn add_bodies(&self, bodies: &[serde_json::Value]) {
        use noctis_store::ingest::Ingester;
        use noctis_store::testing::{ingest_options, store_text};
        let text: String = bodies.iter().map(|body| format!("{body}\n")).collect();
        let mut ingester = Ingester::new(&self.test.store, ingest_options()).await.unwrap();
        let outcome = store_text(&mut ingester, "made up", text.as_bytes(), 1_000).await;
        assert_eq!(outcome.stored, bodies.len() as u64, "{outcome:?}");
    }

    /// Looks through what has arrived, then asks one round at this time.
    async fn round_at(&self, esi: &Esi, at: Timestamp) -> Learned {
        let mut client = self.test.store.client().await.unwrap();
        let mut held = LOCK.take(&mut client).await.unwrap();
        let stop = CancellationToken::new();
        walk_through(&mut held, 1_000, &stop).await.unwrap();
        let learned = round(&mut held, esi, Since::new(at), u64::MAX, &stop).await.unwrap();
        held.release().await.unwrap();
        learned
    }

    async fn names_of(&self, kind: Kind, ids: &[i64]) -> Vec<String> {
        let client = self.test.store.client().await.unwrap();
        let known = names::of(&client, kind, ids).await.unwrap();
        known.into_values().map(|known| known.name).collect()
    }

    async fn left(&self, wanted: Wanted, at: Timestamp) -> Vec<i64> {
        let client = self.test.store.client().await.unwrap();
        let left = walk::wanted(&client, wanted, at, 10_000).await.unwrap();
        left.into_iter().map(|lacking| lacking.id).collect()
    }
}

fn ids(count: i64) -> Vec<i64> {
    (90_000_000..90_000_000 + count).collect()
}

#[test]
fn nothing_goes_out_without_a_contact() {
    let refused = Esi::new("https://esi.example", None).err().unwrap().to_string();
    assert!(refused.contains("before `contact` is set"), "{refused}");
}

#[tokio::test]
async fn a_round_names_everybody_and_says_who_asks() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(1_500))]).await;
    esi.characters(ids(1_500));
    let learned = stocked.round_at(&client(&esi), noon()).await;
    assert_eq!((learned.named, learned.requests, learned.end), (1_500, 2, End::Done));
    assert_eq!(stocked.names_of(Kind::Character, &ids(1_500)).await.len(), 1_500);
    for asked in esi.asked() {
        let header = |name: &str| asked.headers[name].to_str().unwrap().to_owned();
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            header("user-agent"),
            format!("noctis/{version} (pilot@example.org; killmail database)")
        );
        assert_eq!(header("x-compatibility-date").len(), 10);
        assert!(asked.ids.len() <= 1_000);
    }
    assert_eq!(stocked.round_at(&client(&esi), noon()).await.requests, 0);
}

#[tokio::test]
async fn exactly_the_bad_ids_are_found_by_halving() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(1_000))]).await;
    esi.characters(ids(1_000));
    let bad = [90_000_000, 90_000_001, 90_000_500, 90_000_777, 90_000_999];
    esi.galaxy().bad.extend(bad);
    let learned = stocked.round_at(&client(&esi), noon()).await;
    assert_eq!((learned.named, learned.refused, &learned.end), (995, 5, &End::Done));
    // One request, and for each bad id at most two of each of the ten halvings.
    assert!(learned.requests <= 1 + 5 * 2 * 10, "{}", learned.requests);
    let known = stocked.names_of(Kind::Character, &bad).await;
    assert_eq!(known, Vec::<String>::new());
    // They are left alone, and after a month asked for again: one of them has a name by now.
    assert_eq!(stocked.round_at(&client(&esi), noon()).await.requests, 0);
    esi.galaxy().bad.remove(&bad[2]);
    let later = noon() + SignedDuration::from_hours(24 * 31);
    assert_eq!(stocked.left(Wanted::Name, later).await, bad);
    let learned = stocked.round_at(&client(&esi), later).await;
    assert_eq!((learned.named, learned.refused), (1, 4));
}

#[tokio::test]
async fn who_is_seen_most_is_asked_for_first() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    let (all, busy) = (ids(1_200), [90_001_100, 90_001_199]);
    stocked.add_bodies(&[kill_of(1, &all), kill_of(2, &busy), kill_of(3, &busy[1..])]).await;
    esi.characters(all);
    esi.galaxy().tokens = Some(21);
    let learned = stocked.round_at(&client(&esi), noon()).await;
    // One request, and the bucket is at its reserve.
    assert_eq!(learned.requests, 1);
    assert!(matches!(learned.end, End::Closed(_)), "{:?}", learned.end);
    let first = esi.asked().remove(0).ids;
    assert!(busy.iter().all(|id| first.contains(id)), "{first:?}");
}

#[tokio::test]
async fn at_a_fifth_of_the_budget_it_stops_until_the_window_is_over() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    let corporations: Vec<i64> = (98_000_100..98_000_190).collect();
    let mut kill = kill_of(1, &[]);
    kill["attackers"] = corporations
        .iter()
        .map(|id| json!({ "corporation_id": id, "damage_done": 1, "final_blow": false, "security_status": 0.0 }))
        .collect();
    stocked.add_bodies(&[kill]).await;
    for &id in &corporations {
        esi.galaxy().names.insert(id, ("corporation", format!("Corporation {id}")));
        esi.galaxy().tickers.insert(id, format!("T{id}"));
    }
    esi.galaxy().tokens = Some(100);
    let asking = client(&esi);
    let learned = stocked.round_at(&asking, noon()).await;
    let End::Closed(Closed { until, why }) = learned.end else { panic!("{learned:?}") };
    assert_eq!(why, Why::Budget { group: "all".into(), remaining: 20, limit: 100 });
    let window = SignedDuration::from_mins(15);
    assert!(until >= noon() + window && until < noon() + window * 2, "{until}");
    // One for all names, the rest for tickers, and the last fifth is left to others.
    assert_eq!((learned.requests, learned.tickers), (80, 79));
    assert_eq!(esi.asked().len(), 80);
    let just_before = until - SignedDuration::from_secs(1);
    assert_eq!(stocked.round_at(&asking, just_before).await.requests, 0);
    assert_eq!(asking.closed_at(until).await, None);
    esi.galaxy().tokens = Some(100);
    let learned = stocked.round_at(&asking, until).await;
    assert_eq!((learned.tickers, learned.end), (11, End::Done));
    let paths: std::collections::BTreeSet<String> =
        esi.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths.len(), 11, "a ticker was asked for twice: {paths:?}");
    let client = stocked.test.store.client().await.unwrap();
    let known = names::of(&client, Kind::Corporation, &corporations).await.unwrap();
    assert!(known.iter().all(|(id, known)| known.ticker == Some(format!("T{id}"))), "{known:?}");
}

#[tokio::test]
async fn every_fault_ends_the_round_with_a_wait_and_loses_nothing() {
    let told = |name, value: &str| vec![(name, value.to_owned())];
    let faults = [
        (Fault::Status(500, vec![]), 5),
        (Fault::Status(503, told("retry-after", "600")), 600),
        (Fault::Status(420, told("x-esi-error-limit-reset", "42")), 60),
        (Fault::Status(429, told("retry-after", "90")), 90),
        (Fault::Body("<html>ESI is down</html>"), 5),
        (Fault::Body("{\"error\":\"something else\"}"), 5),
        (Fault::Cut, 5),
        (Fault::Endless, 5),
    ];
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(10))]).await;
    esi.characters(ids(10));
    for (fault, wait) in faults {
        let asking = client(&esi);
        esi.fault(fault.clone());
        let learned = stocked.round_at(&asking, noon()).await;
        let End::Closed(closed) = &learned.end else { panic!("{fault:?}: {learned:?}") };
        let waited = closed.until.duration_since(noon()).as_secs();
        assert!((wait..wait + 30).contains(&waited), "{fault:?}: {closed:?}");
        assert_eq!((learned.named, learned.requests), (0, 1), "{fault:?}");
        assert_eq!(stocked.left(Wanted::Name, noon()).await.len(), 10, "{fault:?}");
        assert_eq!(stocked.round_at(&asking, noon()).await.requests, 0, "{fault:?}");
    }
    assert_eq!(stocked.round_at(&client(&esi), noon()).await.named, 10);
}

#[tokio::test]
async fn a_refusal_ends_the_round_with_its_text_and_is_not_halved() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(10))]).await;
    for status in [400, 403, 301] {
        esi.fault(Fault::Status(status, vec![("location", "http://127.0.0.1:9/".into())]));
        let learned = stocked.round_at(&client(&esi), noon()).await;
        let End::Refused(problem) = &learned.end else { panic!("{learned:?}") };
        assert!(problem.contains(&status.to_string()), "{problem}");
        assert_eq!(learned.requests, 1);
    }
}

#[tokio::test]
async fn nothing_is_asked_during_downtime() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(10))]).await;
    esi.characters(ids(10));
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let learned = stocked.round_at(&client(&esi), at("2026-11-22T11:05:00Z")).await;
    let until = at("2026-11-22T11:15:00Z");
    assert_eq!(learned.end, End::Closed(Closed { until, why: Why::Downtime }));
    assert_eq!(esi.asked().len(), 0);
    assert_eq!(stocked.round_at(&client(&esi), until).await.named, 10);
}

#[tokio::test]
async fn what_has_not_expired_is_not_asked_for_again() {
    #[derive(serde::Deserialize)]
    struct Ticked {
        ticker: String,
    }
    let esi = Loopback::start().await;
    esi.galaxy().names.insert(98_000_001, ("corporation", "Theirs".into()));
    esi.galaxy().tickers.insert(98_000_001, "THEIR".into());
    esi.galaxy().headers = vec![("expires", "Sun, 22 Nov 2026 13:00:00 GMT".into())];
    let asking = client(&esi);
    let get =
        async |at: Timestamp| asking.get::<Ticked>("/corporations/98000001/", at).await.unwrap();
    let at = |minutes| noon() + SignedDuration::from_mins(minutes);
    assert_eq!(get(at(0)).await.ticker, "THEIR");
    assert_eq!(get(at(59)).await.ticker, "THEIR");
    assert_eq!(esi.asked().len(), 1);
    // Expired, it is asked whether it has changed; it has not, and is good for longer.
    esi.galaxy().headers = vec![("expires", "Sun, 22 Nov 2026 14:00:00 GMT".into())];
    assert_eq!(get(at(61)).await.ticker, "THEIR");
    assert_eq!(esi.asked()[0].headers["if-none-match"], "\"98000001\"");
    assert_eq!(get(at(119)).await.ticker, "THEIR");
    assert_eq!(esi.asked().len(), 0);
}

#[tokio::test]
async fn a_round_cut_off_anywhere_and_gone_on_with_learns_the_same() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &ids(400))]).await;
    esi.characters(ids(400));
    let bad = [90_000_003, 90_000_399];
    esi.galaxy().bad.extend(bad);
    // After twelve answers it is over: again and again, each time with a new client, as after a crash.
    let mut rounds = 0;
    loop {
        esi.galaxy().tokens = Some(32);
        let learned = stocked.round_at(&client(&esi), noon()).await;
        rounds += 1;
        assert!(rounds < ROUNDS_MAX, "it gets nowhere: {learned:?}");
        if learned.end == End::Done {
            break;
        }
        assert!(learned.requests <= 12);
    }
    assert!(rounds > 2, "it was never cut off");
    assert_eq!(stocked.names_of(Kind::Character, &ids(400)).await.len(), 398);
    let month_later = noon() + SignedDuration::from_hours(24 * 31);
    assert_eq!(stocked.left(Wanted::Name, month_later).await, bad);
}

#[tokio::test]
async fn an_id_of_another_category_and_an_absurd_one_are_not_asked_for_twice() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    stocked.add_bodies(&[kill_of(1, &[7, 500_001, 90_000_001])]).await;
    esi.galaxy().names.insert(90_000_001, ("corporation", "No pilot".into()));
    let learned = stocked.round_at(&client(&esi), noon()).await;
    assert_eq!((learned.named, learned.refused, learned.requests), (0, 3, 1));
    assert_eq!(esi.asked()[0].ids, [90_000_001]);
    assert_eq!(stocked.round_at(&client(&esi), noon()).await.requests, 0);
}

#[tokio::test]
async fn names_of_the_active_are_asked_for_again_when_they_are_old() {
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    esi.characters(ids(2));
    let old = |id| (id, "Old".to_owned(), None, None);
    let new = names::NewNames {
        characters: ids(2).into_iter().map(old).collect(),
        ..names::NewNames::default()
    };
    let learned_at = noon() - SignedDuration::from_hours(24 * 60);
    let mut client_of_store = stocked.test.store.client().await.unwrap();
    names::put(&mut client_of_store, &new, learned_at).await.unwrap();
    // Of the two, one was on a kill of late, the other on one of years ago.
    let now = noctis::clock::now();
    let recent = (now - SignedDuration::from_hours(48)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut active = kill_of(1, &[90_000_000]);
    active["killmail_time"] = json!(recent);
    let mut past = kill_of(2, &[90_000_001]);
    past["killmail_time"] = json!("2019-05-05T10:00:00Z");
    stocked.add_bodies(&[active, past]).await;
    let learned = stocked.round_at(&client(&esi), now).await;
    assert_eq!(learned.named, 1);
    assert_eq!(stocked.names_of(Kind::Character, &ids(2)).await, ["Pilot 90000000", "Old"]);
}

#[tokio::test]
async fn who_was_with_whom_is_taken_from_the_newest_kill_whatever_came_first() {
    let at = |killmail_id: i64, time: &str, corporation: i64| {
        let mut kill = kill_of(killmail_id, &[90_000_000]);
        kill["killmail_time"] = json!(time);
        kill["attackers"][0]["corporation_id"] = json!(corporation);
        kill
    };
    let newest = at(3, "2026-11-03T00:00:00Z", 98_000_003);
    let older =
        [at(1, "2026-11-01T00:00:00Z", 98_000_001), at(2, "2026-11-02T00:00:00Z", 98_000_002)];
    let (stocked, esi) = (Stocked::empty().await, Loopback::start().await);
    esi.characters(ids(1));
    for id in 98_000_001..=98_000_003 {
        esi.galaxy().names.insert(id, ("corporation", format!("Corporation {id}")));
    }
    stocked.add_bodies(&older[..1]).await;
    stocked.add_bodies(&[newest]).await;
    stocked.round_at(&client(&esi), noon()).await;
    // A late kill does not change it.
    stocked.add_bodies(&older[1..]).await;
    stocked.round_at(&client(&esi), noon()).await;
    let client = stocked.test.store.client().await.unwrap();
    let row = client
        .query_one("SELECT corporation_id FROM characters WHERE eve_id = 90000000", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 98_000_003);
}

#[tokio::test]
async fn one_instance_asks_at_a_time() {
    let stocked = Stocked::empty().await;
    let (mut one, mut other) =
        (stocked.test.store.client().await.unwrap(), stocked.test.store.client().await.unwrap());
    let held = LOCK.take(&mut one).await.unwrap();
    let refused = LOCK.take(&mut other).await.err().unwrap().to_string();
    assert!(refused.contains("names lock"), "{refused}");
    held.release().await.unwrap();
    LOCK.take(&mut other).await.unwrap().release().await.unwrap();
}
