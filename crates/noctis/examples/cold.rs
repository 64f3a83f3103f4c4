//! How fast archived months answer: makes months of kills up, moves them to files, and asks over the router.
//!
//! `cargo run --release -p noctis --example cold -- 500000` for one month of so many kills;
//! `… --example cold -- 4000 120` for so many months of 4,000 each, and one character asked over all of them.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use noctis::api;
use noctis::app::App;
use noctis::lifecycle::retire::Retirer;
use noctis::presence::Counter;
use noctis::static_data::Current;
use noctis_archive::{Archive, Place};
use noctis_core::archive::PartName;
use noctis_core::generate::{GalaxySource, Generator, Options};
use noctis_core::partition::{Interval, Leaf, Period, Step};
use noctis_core::time::{TimeRange, day};
use noctis_store::ingest::{IngestOptions, Ingester};
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::{TestStore, catalogue, ingest_options, store_text};
use serde_json::Value;
use tower::ServiceExt;

/// Requests of each question.
const REQUESTS: usize = 200;
/// From a number and a sample the address of a question, if the sample has what it takes.
type Ask<'a> = &'a dyn Fn(usize, &Value) -> Option<String>;

/// Kills in memory at a time.
const TEXT_KILLS: u64 = 10_000;
const ANSWER_BYTES_MAX: usize = 64 << 20;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<u64>().unwrap());
    let (kills, months) = (numbers.next().unwrap_or(500_000), numbers.next().unwrap_or(1));
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let mut from = "2015-01-01T00:00:00Z".parse().unwrap();
    let began = Instant::now();
    for month in 0..months {
        let range = Period::containing(Interval::Month, from).range();
        fill(&test, range, kills, month).await;
        put(&test, &Archive::open(&place).unwrap(), range).await;
        from = range.to;
    }
    println!("{months} months of {kills} kills made and archived in {:.0?}", began.elapsed());
    let app = App::new(test.store.clone(), catalogue()).with_archive(place.clone());
    let router = api::router(app);
    let samples = samples(&router).await;
    if months == 1 {
        one_month(&router, &samples).await;
    } else {
        many_months(&router, &samples, (&test, &place)).await;
    }
}

async fn fill(test: &TestStore, range: TimeRange, kills: u64, seed: u64) {
    let options =
        Options { kills, from: range.from, to: range.to, seed, oddities: false, zkb: true };
    let mut generator = Generator::new(&GalaxySource::of(&catalogue()), options).unwrap();
    let options = IngestOptions { allow_generated: true, ..ingest_options() };
    let mut ingester = Ingester::new(&test.store, options).await.unwrap();
    let (mut text, mut count) = (Vec::new(), 0);
    loop {
        let more = generator.write_next(&mut text);
        count += u64::from(more);
        if !more || count == TEXT_KILLS {
            store_text(&mut ingester, "made up", &text, 1_000).await;
            (text, count) = (Vec::new(), 0);
        }
        if !more {
            return;
        }
    }
}

async fn put(test: &TestStore, archive: &Archive, range: TimeRange) {
    let mut client = test.store.client().await.unwrap();
    let leaves = partitions::inspect(&client).await.unwrap().leaves;
    let here: Vec<Leaf> = leaves.into_iter().filter(|leaf| leaf.range == range).collect();
    let closed: Vec<Leaf> = here.iter().map(|leaf| Leaf { closed: true, ..leaf.clone() }).collect();
    let name = PartName { month: day(range.from).strftime("%Y-%m").to_string(), part: 0 };
    let counter = Counter::new(test.store.clone(), None, Current::new(catalogue()));
    let mut retirer = Retirer::new(archive, &counter, LockBudget::default(), None);
    for step in [
        Step::Close { range, leaves: here },
        Step::Archive { range, name: name.clone(), leaves: closed.clone() },
        Step::Detach { range, name, leaves: closed },
    ] {
        retirer.step(&mut client, &step).await.unwrap();
    }
}

/// Kills from all over the time, in the API's words.
async fn samples(router: &Router) -> Vec<Value> {
    let page = get(router, "/api/v1/killmails?limit=1000").await.1;
    let mut samples = page["killmails"].as_array().unwrap().clone();
    samples.truncate(REQUESTS);
    samples
}

async fn one_month(router: &Router, samples: &[Value]) {
    let id = |kill: &Value, path: &str| kill.pointer(path).and_then(Value::as_i64);
    let list = |query: String| Some(format!("/api/v1/killmails?{query}"));
    let time = |n: usize| format!("2015-01-{:02}T{:02}:00:00Z", 1 + n % 30, n % 24);
    let questions: [(&str, Ask<'_>); 11] = [
        ("by time", &|n, _| list(format!("to={}", time(n)))),
        ("by system", &|n, kill| {
            list(format!("system_id={}&to={}", id(kill, "/solar_system/id")?, time(n)))
        }),
        ("by ship", &|n, kill| {
            list(format!("ship_type_id={}&to={}", id(kill, "/victim/ship/id")?, time(n)))
        }),
        ("by character", &|_, kill| {
            list(format!("character_id={}", id(kill, "/final_blow/character/id")?))
        }),
        ("by corporation", &|_, kill| {
            list(format!("corporation_id={}", id(kill, "/final_blow/corporation/id")?))
        }),
        ("by alliance", &|_, kill| {
            list(format!("alliance_id={}", id(kill, "/final_blow/alliance/id")?))
        }),
        ("nobody's kills", &|n, _| list(format!("character_id={}", 4_000_001 + n))),
        ("one kill by id", &|_, kill| {
            Some(format!("/api/v1/killmails/{}", id(kill, "/killmail_id")?))
        }),
        ("by tag", &|n, kill| {
            let tags = kill["module_tags"].as_array()?;
            let tag = tags.get(n % tags.len().max(1))?.as_str()?;
            let tag: String = form_urlencoded::byte_serialize(tag.as_bytes()).collect();
            list(format!("module_tags={tag}&to={}", time(n)))
        }),
        ("by item", &|n, _| list(format!("item_type_id={}&to={}", 2_000 + 7 * n, time(n)))),
        ("by dropped item", &|n, _| {
            list(format!("dropped.item_type_id={}&to={}", 2_000 + 7 * n, time(n)))
        }),
    ];
    for (name, path) in questions {
        let paths: Vec<String> = (0..REQUESTS * 10)
            .filter_map(|n| path(n, &samples[n % samples.len()]))
            .take(REQUESTS)
            .collect();
        measure(router, name, &paths).await;
    }
}

async fn many_months(router: &Router, samples: &[Value], (test, place): (&TestStore, &Place)) {
    let character = |kill: &Value| kill.pointer("/final_blow/character/id")?.as_i64();
    let ids: Vec<i64> = samples.iter().filter_map(character).take(20).collect();
    let path = |id: &i64| format!("/api/v1/killmails?character_id={id}&limit=1000");
    measure(router, "a character, files open", &ids.iter().map(path).collect::<Vec<_>>()).await;
    let mut times = Vec::new();
    for id in &ids {
        // Nothing is open yet, and nothing is known of the archive.
        let app = App::new(test.store.clone(), catalogue()).with_archive(place.clone());
        let router = api::router(app);
        let started = Instant::now();
        get(&router, &path(id)).await;
        times.push(started.elapsed());
    }
    tell("a character, from closed files", times, 0);
}

async fn measure(router: &Router, name: &str, paths: &[String]) {
    let (mut times, mut found) = (Vec::new(), 0);
    for path in paths {
        let started = Instant::now();
        let (status, answer) = get(router, path).await;
        times.push(started.elapsed());
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        found += answer["killmails"].as_array().map_or(1, Vec::len);
    }
    tell(name, times, found);
}

fn tell(name: &str, mut times: Vec<Duration>, found: usize) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let (count, half, most) = (times.len(), at(50), at(99));
    println!("{name}: {count} requests, {found} kills, p50 {half:.1?}, p99 {most:.1?}");
}

async fn get(router: &Router, path: &str) -> (StatusCode, Value) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}
