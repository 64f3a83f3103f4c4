//! What who watches is told: the figures, and that board and alerts ask for figures that there are.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;
use noctis::app::App;
use noctis_core::drift::Kind;
use noctis_core::partition::{Interval, Policy};
use noctis_store::partitions::{self, LockBudget};
use noctis_store::testing::catalogue;
use serde_json::Value;

use crate::stocked::Stocked;

/// Scrapes until the figures are this store's.
const SCRAPES_MAX: u32 = 20;

/// The names of all figures after a question was asked.
async fn figures(stocked: &Stocked) -> (BTreeSet<String>, String) {
    stocked.get("/api/v1/killmails").await;
    let answer = stocked.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    let names = answer
        .text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split([' ', '{']).next().unwrap().to_owned())
        .collect();
    (names, answer.text)
}

fn dist(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(file);
    std::fs::read_to_string(path).unwrap()
}

/// Our figures in an expression of Prometheus.
fn named_in(expression: &str) -> BTreeSet<String> {
    expression
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| word.starts_with("noctis_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_board_and_the_alerts_ask_for_figures_that_there_are() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-11-05T12:00:00Z")]).await;
    let app =
        stocked.app.clone().with_lifecycle(Policy::default(), vec![("data", std::env::temp_dir())]);
    let stocked = Stocked { router: noctis::api::router(app.clone()), app, ..stocked };
    let (figures, text) = figures(&stocked).await;

    let board: Value = serde_json::from_str(&dist("grafana/noctis.json")).unwrap();
    let mut asked = BTreeSet::new();
    let mut targets = 0;
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            asked.extend(named_in(target["expr"].as_str().unwrap()));
            targets += 1;
        }
    }
    assert!(targets > 15, "{targets}");
    let rules: Value = serde_saphyr::from_str(&dist("prometheus/noctis.rules.yml")).unwrap();
    let mut alerts = 0;
    for group in rules["groups"].as_array().unwrap() {
        for rule in group["rules"].as_array().unwrap() {
            assert!(rule["annotations"]["summary"].is_string(), "{rule}");
            assert!(rule["labels"]["severity"].is_string(), "{rule}");
            asked.extend(named_in(rule["expr"].as_str().unwrap()));
            alerts += 1;
        }
    }
    assert!(alerts > 8, "{alerts}");
    let missing: Vec<&String> = asked.difference(&figures).collect();
    assert!(missing.is_empty(), "{missing:?} in\n{text}");
    for kind in Kind::ALL {
        assert!(text.contains(&format!("noctis_drift{{kind=\"{}\"}}", kind.name())), "{text}");
    }
}

/// Scrapes until it is so. The figures are those of the process, and another test's scrape may come between; a new App asks anew.
async fn scrape_until(stocked: &mut Stocked, is_so: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for _ in 0..SCRAPES_MAX {
        stocked.app = App::new(stocked.test.store.clone(), catalogue());
        stocked.router = noctis::api::router(stocked.app.clone());
        text = stocked.get("/metrics").await.text;
        if is_so(&text) {
            break;
        }
    }
    text
}

/// The days of runway among the figures, where doctor's drift says so many times that they are too few.
fn runway_days(text: &str, drifts: u8) -> Option<f64> {
    text.contains(&format!("noctis_drift{{kind=\"runway\"}} {drifts}\n")).then_some(())?;
    let line = text.lines().find_map(|line| line.strip_prefix("noctis_partitions_runway_days "));
    line?.parse().ok()
}

#[tokio::test]
async fn the_runway_is_told_and_the_alert_comes_seven_days_before_its_end() {
    let rules: Value = serde_saphyr::from_str(&dist("prometheus/noctis.rules.yml")).unwrap();
    let text = rules.to_string();
    let days = noctis_core::drift::RUNWAY_MIN.as_hours() / 24;
    assert_eq!(days, 7);
    // Doctor and alert begin on the same day.
    assert!(text.contains(&format!("noctis_partitions_runway_days < {days}")), "{text}");

    let mut stocked = Stocked::empty().await;
    let mut client = stocked.test.store.client().await.unwrap();
    let now = noctis::clock::now();
    // This week ends within seven days, and the next one after them.
    for (ahead, drifts, expected) in [(0, 1, 0.0..7.0), (1, 0, 7.0..14.0)] {
        let policy = Policy { interval: Interval::Week, ahead, ..Policy::default() };
        let made = partitions::ensure(&mut client, &policy, LockBudget::default(), now, &[]).await;
        assert_eq!(made.unwrap().steps.len(), 1);
        let is_so =
            |text: &str| runway_days(text, drifts).is_some_and(|days| expected.contains(&days));
        let text = scrape_until(&mut stocked, is_so).await;
        assert!(is_so(&text), "{expected:?} in\n{text}");
    }
}

#[tokio::test]
async fn drift_is_counted_by_kind_and_a_scrape_waits_for_nobody() {
    let mut stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-08-05T12:00:00Z")]).await;
    let mut owner = stocked.test.database.owner().await;
    owner.batch_execute("ALTER TABLE killmails_raw_2026_08 SET (fillfactor = 70)").await.unwrap();
    let open = owner.transaction().await.unwrap();
    open.batch_execute(
        "LOCK TABLE killmails_raw, killmails_enriched, killmail_participants IN ACCESS EXCLUSIVE MODE",
    )
    .await
    .unwrap();
    let counted = "noctis_drift{kind=\"storage_options\"} 1\n";
    let text = scrape_until(&mut stocked, |text| text.contains(counted)).await;
    assert!(text.contains(counted), "{text}");
    open.rollback().await.unwrap();
}
