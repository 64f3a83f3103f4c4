//! Suggestions at the size of EVE: fills a store with names made up over real ones, and asks a server that runs on it.
//!
//! `suggest fill URL entities.ndjson 20000000` writes names and activity into a migrated database; then `noctis names index`
//! and `noctis serve`; then `suggest ask URL entities.ndjson http://127.0.0.1:8080` prints times and recall.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, run by hand")]

use std::pin::pin;
use std::time::Instant;

use bytes::Bytes;
use futures_util::SinkExt;
use noctis_store::{Client, Store, StoreOptions};

#[path = "suggest/asking.rs"]
mod asking;
#[path = "suggest/made_up.rs"]
mod made_up;

use made_up::{MadeUp, Row};

/// Bytes handed over at a time.
const CHUNK_BYTES: usize = 1 << 20;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["fill", url, list, count] => fill(&connect(url).await, list, count.parse().unwrap()).await,
        ["ask", url, list, base] => {
            asking::ask(&connect(url).await, &std::fs::read_to_string(list).unwrap(), base).await
        }
        _ => println!("suggest fill URL LIST COUNT | suggest ask URL LIST BASE"),
    }
}

async fn connect(url: &str) -> Store {
    let config = url.parse().unwrap();
    let options = StoreOptions { config, connections_max: 4, statement_timeout: None };
    Store::connect(options).await.unwrap()
}

/// Without the indexes on names that suggestions do not use, which would take most of the time.
async fn fill(store: &Store, list: &str, count: u64) {
    let began = Instant::now();
    let client = store.client().await.unwrap();
    let bare = "DROP INDEX IF EXISTS characters_name_idx, characters_lower_idx, corporations_name_idx, \
                corporations_lower_idx, alliances_name_idx, alliances_lower_idx; \
                TRUNCATE characters, corporations, alliances, presence";
    client.batch_execute(bare).await.unwrap();
    let list = std::fs::read_to_string(list).unwrap();
    let tables = [
        (1, count / 1_000 * 965, "COPY characters (eve_id, name, updated_at, as_of) FROM STDIN"),
        (
            2,
            count / 1_000 * 34,
            "COPY corporations (eve_id, name, ticker, updated_at, as_of) FROM STDIN",
        ),
        (3, count / 1_000, "COPY alliances (eve_id, name, ticker, updated_at, as_of) FROM STDIN"),
    ];
    let mut made_up = MadeUp::new(&list);
    for (kind, count, copy) in tables {
        let rows: &mut dyn Iterator<Item = Row> = &mut made_up.rows(kind, count);
        let mut presence = String::new();
        let lines = rows.map(|row| {
            if row.activity > 0 {
                let Row { id, activity, .. } = row;
                presence.push_str(&format!(
                    "{id}\t2026-11-01\t{activity}\t0\t0\t0\t0\t0\t{kind}\t0\t0\n"
                ));
            }
            let ticker = row.ticker.map(|ticker| format!("\t{ticker}")).unwrap_or_default();
            format!(
                "{}\t{}{ticker}\t2026-01-01\t2026-01-01\n",
                row.id,
                row.name.replace('\\', "\\\\")
            )
        });
        copy_in(&client, copy, lines).await;
        let copy = "COPY presence (entity_id, month, kills, pod_kills, npc_kills, losses, pod_losses, npc_losses, kind, \
                    isk_destroyed, isk_lost) FROM STDIN";
        copy_in(&client, copy, presence.lines().map(|line| format!("{line}\n"))).await;
    }
    client.batch_execute("ANALYZE").await.unwrap();
    println!("filled in {:.0?}", began.elapsed());
}

async fn copy_in(client: &Client, statement: &str, lines: impl Iterator<Item = String>) {
    let mut sink = pin!(client.copy_in::<_, Bytes>(statement).await.unwrap());
    let mut chunk = String::with_capacity(CHUNK_BYTES);
    for line in lines {
        chunk.push_str(&line);
        if chunk.len() > CHUNK_BYTES {
            sink.send(std::mem::take(&mut chunk).into()).await.unwrap();
        }
    }
    sink.send(chunk.into()).await.unwrap();
    sink.close().await.unwrap();
}
