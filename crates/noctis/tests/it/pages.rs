//! The pages: what they say, what leads where, and that a browser draws them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use axum::http::StatusCode;
use noctis::app::SampleQuestion;
use noctis::{api, serving};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::stocked::Stocked;

/// Where a browser may be; `.ci/run` installs chromium.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Steps from link to link, and how many addresses of one kind are followed.
const LINK_STEPS_MAX: usize = 4;
const OF_KIND_MAX: usize = 8;

async fn page(stocked: &Stocked, path: &str) -> String {
    let answer = stocked.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'; "));
    answer.text
}

/// The addresses that a page links to, as the browser reads them.
fn links(html: &str) -> Vec<String> {
    let quoted = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    quoted.map(|href| href.replace("&#38;", "&").replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn an_empty_store_tells_how_to_import() {
    let stocked = Stocked::empty().await;
    let html = page(&stocked, "/").await;
    for told in ["noctis import PATH", "noctis serve --sample", "EVE Ref", "zKillboard"] {
        assert!(html.contains(told), "the first page does not tell {told}");
    }
    assert!(!html.contains("SAMPLE DATA"));
    // A question that means nothing here is no sign of an empty store once there is a kill.
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let html = page(&stocked, "/?system=Amarr").await;
    assert!(html.contains("No kill is meant by this question.") && !html.contains("import PATH"));
}

/// An address without what differs between two of its kind.
fn kind(href: &str) -> String {
    href.split(['=', '&']).next().unwrap().replace(|c: char| c.is_ascii_digit(), "")
}

#[tokio::test]
async fn every_link_of_the_pages_leads_somewhere() {
    let Some((stocked, _)) = Stocked::real().await else { return };
    let (mut seen, mut followed) = (BTreeSet::new(), BTreeMap::new());
    let mut next: Vec<String> = vec!["/".into(), "/?limit=3".into(), "/kill/134435757".into()];
    for _ in 0..LINK_STEPS_MAX {
        for path in std::mem::take(&mut next) {
            let of_kind = followed.entry(kind(&path)).or_insert(0);
            if *of_kind == OF_KIND_MAX || !seen.insert(path.clone()) {
                continue;
            }
            *of_kind += 1;
            let answer = stocked.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            if answer.header("content-type").starts_with("text/html") {
                // One of each kind: a page links to a hundred lists.
                let of_kind: BTreeMap<String, String> =
                    links(&answer.text).into_iter().map(|href| (kind(&href), href)).collect();
                next.extend(of_kind.into_values());
            }
        }
    }
    for kind in [
        "/kill/",
        "/api/v1/killmails/",
        "/?labels=",
        "/?character_id=",
        "/character/",
        "/corporation/",
        "/alliance/",
        "/system/",
        "/constellation/",
        "/region/",
        "/ship/",
        "/ship-group/",
        "/top",
        "/most-valuable",
        "/?limit=3&cursor=",
        "/static/",
    ] {
        assert!(seen.iter().any(|path| path.starts_with(kind)), "no link led to {kind}");
    }
}

#[tokio::test]
async fn a_page_of_each_real_kill_says_what_happened() {
    let Some((stocked, bodies)) = Stocked::real().await else { return };
    for (id, body) in &bodies {
        let html = page(&stocked, &format!("/kill/{id}")).await;
        let shown = stocked.get(&format!("/api/v1/killmails/{id}")).await.json();
        let name = |value: &serde_json::Value| match value["name"].as_str() {
            Some(name) => name.replace('&', "&#38;").replace('\'', "&#39;"),
            None => value["id"].to_string(),
        };
        assert!(html.contains(&name(&shown["victim"]["ship"])), "{id}: no ship");
        assert!(html.contains(&name(&shown["solar_system"])), "{id}: no system");
        if let Some(hash) = shown["killmail_hash"].as_str() {
            assert!(html.contains(&format!("killmails/{id}/{hash}/")), "{id}: no hash");
        }
        let time = body["killmail_time"].as_str().unwrap().replace('T', " ").replace('Z', "");
        assert!(html.contains(&format!("{time} EVE")), "{id}: not at {time}");
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_asked_is_said_on_the_page_beside_the_form() {
    let stocked = Stocked::empty().await;
    let answer = stocked.get("/?system=Nowhere&from=&min_value=1e9").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("no such name is known"));
    assert!(answer.text.contains("value=\"Nowhere\""), "the form has forgotten what was asked");
    assert!(answer.text.contains("value=\"1e9\""));
}

#[tokio::test]
async fn a_search_of_the_form_finds_and_is_told_by_chips() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let sql = "INSERT INTO characters (eve_id, name) VALUES (90000002, 'Tsuki')";
    stocked.test.database.owner().await.execute(sql, &[]).await.unwrap();
    // As a browser sends the form: every field, most of them empty.
    let form = "system=&region=The+Forge&ship_type=&ship_group=Frigate&character=tsuki&corporation=&alliance=\
                &from=&to=&min_value=&max_value=&module_tags=&labels=solo&role=final_blow&security=highsec&order=&solo=true";
    let html = page(&stocked, &format!("/?{form}")).await;
    assert!(html.contains("/kill/1\""), "{html}");
    for told in ["region: The Forge", "ship group: Frigate", "character: tsuki", "solo: true"] {
        assert!(html.contains(told), "no chip says {told}");
    }
    assert!(html.contains("value=\"The Forge\"") && html.contains("value=\"highsec\" selected"));
    assert!(html.contains("name=\"solo\" value=\"true\" checked"));
    let by_id = page(&stocked, "/?attacker.character_id=90000002&ship_type_id=-588").await;
    assert!(by_id.contains("attacker character: Tsuki") && by_id.contains("ship type: not Reaper"));
    assert!(
        by_id.contains("<input type=\"hidden\" name=\"attacker.character_id\" value=\"90000002\">")
    );
    let none = page(&stocked, "/?system=Amarr").await;
    assert!(none.contains("No kill is meant") && none.contains("<details class=\"filter\" open>"));
}

#[tokio::test]
async fn what_users_write_is_never_taken_for_markup() {
    let stocked = Stocked::empty().await;
    let sql =
        "INSERT INTO characters (eve_id, name) VALUES (90000001, '<script>alert(1)</script>')";
    stocked.test.database.owner().await.execute(sql, &[]).await.unwrap();
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    for path in ["/", "/kill/1", "/?labels=%3Cscript%3Ealert(1)%3C%2Fscript%3E"] {
        let html = stocked.get(path).await.text;
        assert!(html.contains("script") && !html.contains("<script>"), "{path}: {html}");
    }
}

#[tokio::test]
async fn a_sample_says_so_on_every_page_and_offers_its_questions() {
    let mut stocked = Stocked::empty().await;
    let question = SampleQuestion {
        title: "Jita's losses".into(),
        query: "system=Jita&from=2026-01-01".into(),
        sql: "SELECT killmail_id FROM eve.kills".into(),
    };
    stocked.router = api::router(stocked.app.clone().with_sample(vec![question]));
    assert!(page(&stocked, "/").await.contains("The sample galaxy is being made"));
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let first = page(&stocked, "/").await;
    assert!(first.contains("SELECT killmail_id FROM eve.kills"));
    assert!(first.contains(
        "curl &#39;http://127.0.0.1:8080/api/v1/killmails?system=Jita&#38;from=2026-01-01&#39;"
    ));
    let asked = links(&first).into_iter().find(|href| href.contains("2026-01-01")).unwrap();
    assert!(page(&stocked, &asked).await.contains("Rifter"));
    for path in ["/", "/kill/1", &asked] {
        assert!(page(&stocked, path).await.contains("SAMPLE DATA"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_draws_the_first_page_and_asks_nobody_else() {
    let stocked = Stocked::empty().await;
    stocked.add(&[(1, "2026-01-02T03:04:05Z")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(serving::serve(listener, stocked.app.clone(), stop.clone()));
    let profile = tempfile::tempdir().unwrap();
    let browse = move |browser: &str| {
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            // Every name but ours leads nowhere.
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("--dump-dom")
            .arg(format!("http://{address}/"))
            .output()
    };
    let drawn = tokio::task::spawn_blocking(move || {
        BROWSERS.iter().find_map(|browser| browse(browser).ok())
    });
    let drawn = drawn.await.unwrap().expect("there is no browser; install chromium");
    let html = String::from_utf8(drawn.stdout).unwrap();
    for told in ["Latest kills", "Rifter", "Jita", "2026-01-02"] {
        assert!(
            html.contains(told),
            "{told} is not drawn: {html}{}",
            String::from_utf8_lossy(&drawn.stderr)
        );
    }
    stop.cancel();
    server.await.unwrap();
}
