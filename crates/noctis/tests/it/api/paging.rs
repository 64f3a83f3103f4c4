//! Pages: each kill once, whatever the order, the ties and what arrives meanwhile.

use axum::http::StatusCode;

use crate::stocked::Stocked;

/// Twelve kills, seven of them in one second, one at the very beginning of a month.
const KILLS: [(i64, &str); 12] = [
    (101, "2026-02-01T00:00:00Z"),
    (102, "2026-01-31T23:59:59Z"),
    (109, "2026-01-15T12:00:00Z"),
    (103, "2026-01-15T12:00:00Z"),
    (108, "2026-01-15T12:00:00Z"),
    (104, "2026-01-15T12:00:00Z"),
    (107, "2026-01-15T12:00:00Z"),
    (105, "2026-01-15T12:00:00Z"),
    (106, "2026-01-15T12:00:00Z"),
    (111, "2025-11-30T00:00:00Z"),
    (110, "2019-07-01T00:00:00Z"),
    (112, "2008-01-01T00:00:00Z"),
];

#[tokio::test]
async fn pages_by_time_give_every_kill_once_newest_first() {
    let stocked = Stocked::empty().await;
    stocked.add(&KILLS).await;
    let mut expected: Vec<_> = KILLS.map(|(id, time)| (time, id)).to_vec();
    expected.sort_unstable();
    let expected: Vec<i64> = expected.iter().rev().map(|(_, id)| *id).collect();
    for limit in [1, 2, 3, 5, 12, 13] {
        assert_eq!(stocked.all(&format!("limit={limit}")).await, expected, "limit={limit}");
        let by_character = format!("character_id=90000001&limit={limit}");
        assert_eq!(stocked.all(&by_character).await, expected, "{by_character}");
    }
}

#[tokio::test]
async fn all_real_kills_come_once_in_pages_of_seven() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    let mut found = stocked.all("limit=7").await;
    let times = |id: &i64| bodies[id]["killmail_time"].as_str().unwrap().to_owned();
    assert!(found.is_sorted_by(|a, b| (times(a), a) > (times(b), b)));
    found.sort_unstable();
    assert_eq!(found, bodies.into_keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_arrives_between_two_pages_disturbs_neither() {
    let stocked = Stocked::empty().await;
    stocked.add(&KILLS).await;
    let (mut found, mut next) = stocked.page("limit=5").await;
    // A newer one, one that ties with the end of the page, and one that is older than all.
    let late = [
        (200, "2026-03-01T00:00:00Z"),
        (100, "2026-01-15T12:00:00Z"),
        (199, "2026-01-15T12:00:00Z"),
        (201, "2007-12-05T00:00:00Z"),
    ];
    stocked.add(&late).await;
    while let Some(cursor) = next {
        let (more, following) = stocked.page(&format!("limit=5&cursor={cursor}")).await;
        found.extend(more);
        next = following;
    }
    let old: Vec<i64> = found.iter().copied().filter(|id| (101..=112).contains(id)).collect();
    assert_eq!(old.len(), 12, "{found:?}");
    found.sort_unstable();
    assert!(found.is_sorted_by(|a, b| a < b), "one came twice: {found:?}");
}

#[tokio::test]
async fn a_poller_by_arrival_gets_every_kill_once_late_ones_too() {
    let stocked = Stocked::empty().await;
    let mut found = Vec::new();
    let mut query = "order=arrival&limit=2".to_owned();
    let waves: [&[(i64, &str)]; 4] = [
        &KILLS[..5],
        &KILLS[5..],
        &[(50, "2007-12-05T00:00:00Z")],
        &[(300, "2026-04-01T00:00:00Z"), (51, "2010-01-01T00:00:00Z")],
    ];
    for wave in waves {
        stocked.add(wave).await;
        // Two pages a wave, so that kills arrive while the poller is behind.
        for _ in 0..2 {
            let (ids, next) = stocked.page(&query).await;
            found.extend(ids);
            query = format!("order=arrival&limit=2&cursor={}", next.unwrap());
        }
    }
    for _ in 0..10 {
        let (ids, next) = stocked.page(&query).await;
        found.extend(ids);
        query = format!("order=arrival&limit=2&cursor={}", next.expect("a poller never ends"));
    }
    let mut sorted = found.clone();
    sorted.sort_unstable();
    let mut expected: Vec<i64> =
        waves.iter().flat_map(|wave| wave.iter().map(|(id, _)| *id)).collect();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(found[found.len() - 2..].iter().max(), Some(&300), "{found:?}");
}

#[tokio::test]
async fn a_poller_with_filters_gets_late_kills_of_its_question_alone() {
    let stocked = Stocked::empty().await;
    stocked.add(&KILLS[..3]).await;
    let question = "order=arrival&from=2026-01-01&system=Jita&attacker.alliance_id=99000002";
    let (first, next) = stocked.page(question).await;
    assert_eq!(first.len(), 3);
    stocked.add(&[(400, "2025-12-31T23:59:59Z"), (401, "2026-01-01T00:00:00Z")]).await;
    let (second, _) = stocked.page(&format!("{question}&cursor={}", next.unwrap())).await;
    assert_eq!(second, [401]);
}

#[tokio::test]
async fn a_cursor_is_refused_for_another_question() {
    let stocked = Stocked::empty().await;
    stocked.add(&KILLS).await;
    let cursor = stocked.page("limit=5&system=Jita").await.1.unwrap();
    for (query, status) in [
        ("system=Jita", StatusCode::OK),
        ("system=Jita&limit=2", StatusCode::OK),
        ("system=Amarr", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("system=Jita&order=arrival", StatusCode::BAD_REQUEST),
    ] {
        let answer = stocked.get(&format!("/api/v1/killmails?{query}&cursor={cursor}")).await;
        assert_eq!(answer.status, status, "{query}");
        if status == StatusCode::BAD_REQUEST {
            assert_eq!(answer.json()["type"], "urn:noctis:problem:foreign-cursor");
        }
    }
}
