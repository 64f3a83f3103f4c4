//! CCP's static data, imported from a zip, a folder and an address, whole or not at all, and taken up by who runs.

pub(crate) mod export;
mod refused;

use std::fs;
use std::io::Write;
use std::net::TcpListener;

use noctis_store::fail::STATIC_DATA_POINTS;
use noctis_store::testing::TestStore;
use serde_json::{Value, json};

use crate::program::{Said, import, is_killed, noctis, on};
use crate::served::{Served, wait_until};
use crate::stocked::made_up;
use crate::tables::number;
use export::{ABADDON_II, Export, J999999};

pub(crate) fn import_sde(test: &TestStore, place: &str) -> Said {
    noctis(test, &["sde", "import", place, "--json"])
}

#[tokio::test]
async fn the_same_zip_is_imported_once_and_brings_what_the_binary_lacks() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let zip = Export::newer().write_zip(folder.path());

    let shown = noctis(&test, &["sde", "show", "--json"]).good().json();
    assert_eq!((&shown["source"], &shown["rows"]["factions"]), (&json!("embedded"), &json!(0)));
    let first = import_sde(&test, &zip).good().json();
    assert_eq!((&first["build"], &first["replaced"]), (&json!(9_000_000), &json!(true)));
    let types = &first["changes"]["types"];
    assert_eq!(types["added"], json!([{"id": ABADDON_II, "name": "Abaddon II"}]));
    assert_eq!(types["removed"], json!([{"id": 34, "name": "Tritanium"}]));
    assert_eq!(types["renamed"], json!([{"id": 35, "from": "Pyerite", "to": "Pyroxenite"}]));
    assert_eq!(first["changes"]["systems"]["added"][0]["id"], J999999);

    let again = import_sde(&test, &zip).good().json();
    assert_eq!(again["replaced"], false);
    let said = noctis(&test, &["sde", "import", &zip]).good().out;
    assert_eq!(said, "build 9000000 of 2027-01-02 is in force already\n");

    let shown = noctis(&test, &["sde", "show", "--json"]).good().json();
    assert_eq!(
        (&shown["source"], &shown["build"], &shown["date"]),
        (&json!("imported"), &json!(9_000_000), &json!("2027-01-02"))
    );
    assert_eq!(shown["rows"]["types"], noctis_store::testing::catalogue().types.len());
    assert!(noctis(&test, &["sde", "show"]).good().out.contains("imported at "));
    for (query, expected) in [
        ("SELECT count(*) FROM factions WHERE name = 'Caldari State'", 1),
        ("SELECT count(*) FROM npc_corporations WHERE name = 'Caldari Navy'", 1),
        ("SELECT wormhole_class::bigint FROM systems WHERE name = 'J999999'", 3),
        ("SELECT count(*) FROM types WHERE name = 'Abaddon II'", 1),
        ("SELECT static_data_build::bigint FROM noctis_store", 9_000_000),
    ] {
        assert_eq!(number(&test, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_told_of_a_type_is_what_its_tables_say() {
    let folder = tempfile::tempdir().unwrap();
    let mut export = Export::of_the_binary();
    export.build = noctis_store::testing::catalogue().build_number();
    let path = export.write_folder(folder.path());
    let stop = tokio_util::sync::CancellationToken::new();
    let read = noctis::sde::read(&path.as_str().into(), folder.path(), &stop).await.unwrap();
    let ours = noctis_store::testing::catalogue();
    // All of it but what the binary's data has not: slots, hardpoints and tech levels came from typeDogma.
    assert_eq!(read.types, ours.types);
    assert_eq!((&read.groups, &read.categories), (&ours.groups, &ours.categories));
    assert_eq!((&read.meta_groups, &read.market_groups), (&ours.meta_groups, &ours.market_groups));
    assert_eq!((&read.regions, &read.constellations), (&ours.regions, &ours.constellations));
    assert_eq!((read.factions.len(), read.npc_corporations.len()), (1, 1));
    // Classes come down from regions and constellations.
    let class = |id| read.systems.get(id).unwrap().wormhole_class;
    assert_eq!((class(30_000_142), class(31_000_005)), (Some(7), Some(12)));
}

#[tokio::test]
async fn a_serve_that_runs_takes_up_what_is_imported() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut kill = made_up(1_000, "2026-05-05T12:00:00Z");
    kill["victim"]["ship_type_id"] = json!(ABADDON_II);
    kill["solar_system_id"] = json!(J999999);
    kill["attackers"][0]["faction_id"] = json!(500_001);
    let kills = folder.path().join("kills.json");
    fs::write(&kills, kill.to_string()).unwrap();
    import(&test, &kills);

    let served = Served::start(on(&test, &[]));
    let ship = |kill: &Value| kill["victim"]["ship"]["name"].clone();
    let path = "/api/v1/killmails/1000";
    assert_eq!(ship(&served.json(path)), Value::Null);
    import_sde(&test, &Export::newer().write_zip(folder.path())).good();
    wait_until("the server takes it up", || ship(&served.json(path)) == "Abaddon II");
    let kill = served.json(path);
    assert_eq!(kill["solar_system"]["name"], "J999999");
    assert_eq!(kill["attackers"][0]["faction"]["name"], "Caldari State");
    let found = served.json("/api/v1/killmails?system=J999999&ship_type=Abaddon%20II");
    assert_eq!(found["killmails"][0]["killmail_id"], 1_000);
    // And so does who starts now.
    let said = noctis(&test, &["kill", "1000"]).good().out;
    assert!(said.starts_with("Abaddon II lost by "), "{said}");
}

#[tokio::test]
async fn a_death_amid_an_import_changes_nothing_and_the_next_completes() {
    let folder = tempfile::tempdir().unwrap();
    let zip = Export::newer().write_zip(folder.path());
    for point in STATIC_DATA_POINTS {
        let test = TestStore::new().await;
        let died = noctis(&test, &["sde", "import", &zip, "--fail-at", point]);
        assert!(is_killed(died.status), "{point}: {}", died.err);
        let shown = noctis(&test, &["sde", "show", "--json"]).good().json();
        assert_eq!(shown["source"], "embedded");
        assert_eq!(number(&test, "SELECT count(*) FROM types WHERE type_id = 34").await, 1);
        assert_eq!(import_sde(&test, &zip).good().json()["replaced"], true);
    }
}

/// Answers each request with the next of these.
fn web(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/static-data.zip", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let _ = stream.write_all(&answer);
        }
    });
    address
}

#[tokio::test]
async fn an_address_is_downloaded_and_a_download_that_is_cut_off_changes_nothing() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let zip = fs::read(Export::newer().write_zip(folder.path())).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", zip.len()).into_bytes();
    let whole = [&head[..], &zip].concat();
    let url = web(vec![
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole,
    ]);
    for sentence in ["the server answered 404", "could not be downloaded"] {
        let said = import_sde(&test, &url);
        assert_eq!((said.code(), said.err.lines().count()), (1, 1), "{}", said.err);
        assert!(said.err.contains(sentence), "{}", said.err);
    }
    assert_eq!(number(&test, "SELECT count(*) FROM static_data").await, 0);
    assert_eq!(import_sde(&test, &url).good().json()["replaced"], true);
}
