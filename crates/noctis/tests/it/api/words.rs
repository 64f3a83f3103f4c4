//! Tags and labels: all of them, with meanings, and counts that say of what.

use crate::stocked::Stocked;

#[tokio::test]
async fn words_are_counted_over_the_month_before_the_newest_kill() {
    let stocked = Stocked::empty().await;
    stocked
        .add(&[
            (1, "2025-01-02T03:04:05Z"),
            (2, "2026-01-02T03:04:05Z"),
            (3, "2026-01-31T03:04:05Z"),
        ])
        .await;
    let answer = stocked.get("/api/v1/labels").await.json();
    let mut counted = answer["counted"].clone();
    assert!(counted["counted_at"].take().is_string());
    assert_eq!(
        counted,
        serde_json::json!({
            "from": "2026-01-01T03:04:06Z", "to": "2026-01-31T03:04:06Z", "kills": 2,
            "kind": "exact", "not_counted": [], "counted_at": null,
        })
    );
    let labels = answer["labels"].as_array().unwrap();
    let count = |label: &str| {
        let row = labels.iter().find(|row| row["label"] == label);
        row.unwrap_or_else(|| panic!("no {label}"))["count"].as_i64().unwrap()
    };
    assert_eq!((count("solo"), count("cat:6"), count("npc"), count("cat:65")), (2, 2, 0, 0));
    for row in labels {
        assert!(row["meaning"].as_str().is_some_and(|text| !text.is_empty()), "{row}");
    }
    assert!(labels.iter().all(|row| row["label"] != "cat:N"));
    // The counts are kept, so they are of the same kills.
    stocked.add(&[(4, "2026-01-31T03:04:05Z")]).await;
    assert_eq!(stocked.get("/api/v1/tags").await.json()["counted"], answer["counted"]);
}

#[tokio::test]
async fn every_tag_that_real_kills_carry_is_listed_with_its_count() {
    let Some((stocked, _)) = Stocked::real().await else { return };
    let answer = stocked.get("/api/v1/tags").await.json();
    let tags = answer["tags"].as_array().unwrap();
    let (from, to) = (answer["counted"]["from"].as_str(), answer["counted"]["to"].as_str());
    let range = format!("from={}&to={}", from.unwrap(), to.unwrap());
    let mut seen = 0;
    for row in tags {
        let tag = row["tag"].as_str().unwrap();
        let count = row["count"].as_i64().unwrap();
        if count > 0 && !tag.contains([',', '&', '+', '#', '%']) {
            let tag = tag.replace(' ', "%20");
            let found = stocked.all(&format!("{range}&limit=1000&module_tags={tag}")).await;
            assert_eq!(found.len() as i64, count, "{tag}");
            seen += 1;
        }
    }
    assert!(seen > 0, "no tag was seen: {answer}");
    let page = stocked.get("/tags").await.text;
    assert_eq!(page.matches("href=\"/?module_tags=").count(), tags.len());
    assert!(page.contains("href=\"/?labels=loc%3Ahighsec\""));
}
