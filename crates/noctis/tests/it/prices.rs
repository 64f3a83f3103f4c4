//! Prices: read from any file and address, written once, shown with their basis, and what they make of kills.

mod worth;

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::thread;

use noctis_store::testing::TestStore;
use serde_json::{Value, json};

use crate::program::{noctis, noctis_reading, on, said};

const HISTORY: &str =
    "average,date,highest,lowest,order_count,volume,http_last_modified,region_id,type_id";

/// A file of EVE Ref's market history: one row of the Forge, one of another region.
fn history(type_id: i64) -> String {
    format!(
        "{HISTORY}\n{type_id}.25,2025-06-01,9,1,3,4,2025-06-02T11:00:00Z,10000002,{type_id}\n\
         7,2025-06-01,9,1,3,4,2025-06-02T11:00:00Z,10000043,{type_id}\n"
    )
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Every price there is, without the revision.
async fn rows(test: &TestStore) -> Vec<String> {
    let query = "SELECT 'market ' || t::text FROM market_prices t UNION ALL SELECT 'adjusted ' || t::text FROM adjusted_prices t \
         UNION ALL SELECT 'override ' || t::text FROM price_overrides t UNION ALL SELECT 'build ' || t::text FROM build_costs t \
         ORDER BY 1";
    let client = test.database.owner().await;
    client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn prices_are_read_in_every_form_and_packing() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("2025");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("1.csv"), history(1)).unwrap();
    fs::write(inner.join("2.csv.gz"), gzipped(history(2).as_bytes())).unwrap();
    fs::write(inner.join("3.csv.bz2"), bzipped(history(3).as_bytes())).unwrap();
    fs::write(inner.join("4.zst"), zstd::encode_all(history(4).as_bytes(), 1).unwrap()).unwrap();
    let mut tar = tar::Builder::new(File::create(folder.path().join("5.tar")).unwrap());
    for (name, bytes) in
        [("a/5.csv.bz2", bzipped(history(5).as_bytes())), ("b/6.csv", history(6).into_bytes())]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    tar.finish().unwrap();
    let esi = r#"[{"adjusted_price": 3.1351, "average_price": 4.04, "type_id": 34}, {"average_price": 7, "type_id": 35}]"#;
    fs::write(folder.path().join("esi.json"), esi).unwrap();
    fs::write(folder.path().join("o.csv"), "type_id,date,price\n3516,2010-01-01,1e11\n").unwrap();
    fs::write(folder.path().join("c.csv"), "build_cost,type_id,date\r\n5e10,671,2020-01-01\r\n")
        .unwrap();

    let path = folder.path().to_str().unwrap();
    let arguments = ["prices", "import", path, "--day", "2025-07-01", "--json"];
    let summary = noctis(&test, &arguments).good().json();
    assert_eq!(summary["files"], json!({"read": 8, "skipped": 0, "failed": 0}));
    let expected = json!({"market": 6, "adjusted": 2, "override": 1, "build_cost": 1});
    assert_eq!(summary["rows"], expected);
    assert_eq!((&summary["changed"], &summary["other_regions"]), (&json!(10), &json!(6)));
    assert_eq!(
        (&summary["first_day"], &summary["last_day"]),
        (&json!("2010-01-01"), &json!("2025-07-01"))
    );
    let stored = rows(&test).await;
    assert_eq!(
        stored,
        [
            "adjusted (34,2025-07-01,3.14,4.04)",
            "adjusted (35,2025-07-01,,7.00)",
            "build (671,2020-01-01,50000000000.00)",
            "market (1,2025-06-01,1.25)",
            "market (2,2025-06-01,2.25)",
            "market (3,2025-06-01,3.25)",
            "market (4,2025-06-01,4.25)",
            "market (5,2025-06-01,5.25)",
            "market (6,2025-06-01,6.25)",
            "override (3516,2010-01-01,100000000000.00)",
        ]
    );

    // Again: the same rows. Changed: the price read last.
    let again = noctis(&test, &arguments).good().json();
    assert_eq!((&again["changed"], &again["rows"]), (&json!(0), &expected));
    assert_eq!(rows(&test).await, stored);
    let text = format!("{HISTORY}\n8,2025-06-01,,,,,,10000002,1\n9,2025-06-01,,,,,,10000002,1\n");
    let changed = noctis_reading(&test, &["prices", "import", "-", "--json"], text.as_bytes());
    assert_eq!(changed.good().json()["changed"], 1);
    assert!(rows(&test).await.contains(&"market (1,2025-06-01,9.00)".to_owned()));
}

/// Answers each request with this body, promising so many bytes; gives the address.
fn serve(status: &'static str, body: Vec<u8>, length: usize) -> String {
    use std::io::Read;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            // The client may have seen enough.
            let _ = stream.write_all(&body);
        }
    });
    address
}

#[tokio::test]
async fn prices_are_read_from_the_web_and_a_download_cut_off_is_told() {
    let test = TestStore::new().await;
    let packed = bzipped(history(34).as_bytes());
    let length = packed.len();
    let whole = format!(
        "{}/2025/market-history-2025-06-01.csv.bz2",
        serve("200 OK", packed.clone(), length)
    );
    let summary = noctis(&test, &["prices", "import", &whole, "--json"]).good().json();
    assert_eq!((&summary["rows"], &summary["files"]["read"]), (&json!({"market": 1}), &json!(1)));
    assert_eq!(rows(&test).await, ["market (34,2025-06-01,34.25)"]);

    for (address, problem) in [
        (serve("200 OK", packed[..length / 2].to_vec(), length), "could not be downloaded"),
        (serve("404 Not Found", Vec::new(), 0), "the server answered 404 Not Found"),
        ("http://127.0.0.1:1/prices.csv".to_owned(), "could not be downloaded"),
    ] {
        let said = noctis(&test, &["prices", "import", &address, &whole, "--json"]);
        assert_eq!(said.code(), 1, "{}", said.out);
        let summary = said.json();
        assert_eq!(summary["files"], json!({"read": 1, "skipped": 0, "failed": 1}));
        let told = summary["failed_files"][0]["problem"].as_str().unwrap();
        assert!(told.contains(problem), "{told}");
        assert_eq!(summary["failed_files"][0]["name"], address);
    }
}

#[tokio::test]
async fn bad_rows_are_told_with_their_lines_and_the_others_are_kept() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let overrides = file(
        "o.csv",
        "type_id,date,price\n1,2010-01-01,5\n2,2010-01-01\n\n3,yesterday,5\n4,2010-01-01,6\n",
    );
    let esi = file("esi.json", r#"[{"type_id": 5}, {"type_id": 6, "adjusted_price": 7}, 8]"#);
    let said = noctis(&test, &["prices", "import", &overrides, &esi, "--day", "2025-07-01"]);
    assert_eq!(said.code(), 2, "{}{}", said.out, said.err);
    for told in [
        "bad rows                       4",
        "o.csv, line 3 was left out: it has 2 columns, the header 3",
        "o.csv, line 5 was left out: `yesterday` is no date such as 2025-06-30",
        "esi.json, line 1 was left out: it has neither adjusted_price nor average_price",
        "esi.json, line 3 was left out: ",
    ] {
        assert!(said.out.contains(told), "{told} is not in\n{}", said.out);
    }
    assert_eq!(
        rows(&test).await,
        [
            "adjusted (6,2025-07-01,7.00,)",
            "override (1,2010-01-01,5.00)",
            "override (4,2010-01-01,6.00)"
        ]
    );

    let strange = file("strange.csv", "id,name\n1,2\n");
    let long = file("long.csv", &"x".repeat(20_000));
    let empty = file("empty.csv", "");
    let said = noctis(&test, &["prices", "import", &strange, &long, &empty, &overrides]);
    assert_eq!(said.code(), 1);
    for told in [
        "strange.csv could not be read to its end: its first line is `id,name`: expected ESI's JSON, or a header with",
        "long.csv could not be read to its end: its line 1 is longer than 16384 bytes",
        "empty.csv could not be read to its end: it is empty",
        "files read                     1",
    ] {
        assert!(said.out.contains(told), "{told} is not in\n{}", said.out);
    }
}

/// Looks at the tables before the first batch must be there; each takes some milliseconds.
const ASKS_MAX: u32 = 100_000;

/// More rows than one batch holds.
fn many_rows(path: &Path) -> usize {
    const COUNT: usize = 120_000;
    let mut text = String::from("average,date,region_id,type_id\n");
    for type_id in 1..=COUNT {
        text += &format!("{type_id},2025-06-01,10000002,{type_id}\n");
    }
    fs::write(path, gzipped(text.as_bytes())).unwrap();
    COUNT
}

#[tokio::test]
async fn an_import_killed_or_cut_off_midway_ends_in_the_same_rows_when_repeated() {
    let (test, whole) = (TestStore::new().await, TestStore::new().await);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.csv.gz");
    let count = many_rows(&path);
    let bytes = fs::read(&path).unwrap();
    noctis(&whole, &["prices", "import", path.to_str().unwrap()]).good();
    let expected = rows(&whole).await;
    assert_eq!(expected.len(), count);

    // Half of the file goes in, then the pipe stays open until a batch is there, and it is killed.
    let mut child = on(&test, &["prices", "import", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(&bytes[..bytes.len() * 3 / 4]).unwrap();
    let mut asks = 0;
    while rows(&test).await.is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        asks += 1;
        assert!(asks < ASKS_MAX, "it wrote nothing");
    }
    child.kill().unwrap();
    said(child);
    let killed = rows(&test).await.len();
    assert!((1..count).contains(&killed), "{killed} rows were written");

    let cut = folder.path().join("cut.csv.gz");
    fs::write(&cut, &bytes[..bytes.len() * 7 / 8]).unwrap();
    let said = noctis(&test, &["prices", "import", cut.to_str().unwrap()]);
    assert_eq!(said.code(), 1);
    assert!(said.out.contains("the compressed data is broken or cut off"), "{}", said.out);
    let more = rows(&test).await.len();
    assert!((killed..count).contains(&more), "{more} rows were written");

    let summary =
        noctis(&test, &["prices", "import", path.to_str().unwrap(), "--json"]).good().json();
    assert_eq!(summary["changed"].as_u64(), Some((count - more) as u64));
    assert_eq!(rows(&test).await, expected);
}

#[tokio::test]
async fn a_price_is_shown_with_what_it_was_taken_from() {
    let test = TestStore::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut market = String::from("average,date,region_id,type_id\n");
    for day in 1..=8 {
        market += &format!("{},2025-06-0{day},10000002,587\n", day * 100_000);
    }
    fs::write(folder.path().join("m.csv"), market).unwrap();
    fs::write(folder.path().join("o.csv"), "type_id,date,price\n587,2025-06-20,3\n").unwrap();
    noctis(&test, &["prices", "import", folder.path().to_str().unwrap()]).good();
    let shown = noctis(&test, &["prices", "show", "rifter", "--day", "2025-06-10"]).good().out;
    insta::assert_snapshot!(shown);
    let later = noctis(&test, &["prices", "show", "587", "--day", "2025-05-31", "--json"]);
    let Value::Object(later) = later.good().json() else { panic!("an object") };
    assert_eq!((&later["basis"], &later["price"]), (&json!("later"), &json!(100000.0)));
    assert_eq!(later["facts"]["later"], json!({"day": "2025-06-01", "average": 100000.0}));
    let last = noctis(&test, &["prices", "show", "Rifter", "--json"]).good().json();
    assert_eq!((&last["basis"], &last["price"]), (&json!("override"), &json!(3.0)));
    let none = noctis(&test, &["prices", "show", "34"]).good().out;
    assert!(none.contains(": no price\n"), "{none}");
    let said = noctis(&test, &["prices", "show", "Rifterr"]);
    assert!(said.err.contains("no type is called Rifterr"), "{}", said.err);
    assert_eq!(said.code(), 1);
}
