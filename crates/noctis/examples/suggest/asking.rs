//! Times at a given rate, whatever the answers take, and recall of sampled names.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use noctis_store::Store;
use serde_json::Value;

use crate::made_up::Dice;

/// Requests a second, sent on time even if earlier ones are not answered.
const RATE: u32 = 50;
const TRIGRAMS: usize = 200;
const MISSES: usize = 200;
/// The slowest queries, each asked so often again.
const WORST: usize = 3;
const WORST_TIMES: usize = 500;
/// Names whose recall is measured; half of them of the least activity.
const SAMPLED: i64 = 2_000;
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

struct Server {
    client: reqwest::Client,
    base: String,
}

impl Server {
    async fn suggest(&self, typed: &str) -> Value {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", typed)
            .append_pair("limit", "10")
            .finish();
        let answer = self.client.get(format!("{}/api/v1/suggest?{query}", self.base));
        let answer = answer.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Whether this one is among the ten that are suggested.
    async fn finds(&self, typed: &str, kind: &str, id: i64) -> bool {
        let answer = self.suggest(typed).await;
        let found = answer["suggestions"].as_array().unwrap();
        found.iter().any(|found| found["id"] == id && found["kind"] == kind)
    }
}

pub(crate) async fn ask(store: &Store, list: &str, base: &str) {
    // A client wants one even where nothing is encrypted; another may be there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let server: &'static Server =
        Box::leak(Box::new(Server { client, base: base.trim_end_matches('/').to_owned() }));
    let names = sampled(store).await;
    times(server, list, &names).await;
    recall(server, &names).await;
}

struct Sampled {
    kind: &'static str,
    id: i64,
    name: String,
    ticker: Option<String>,
}

/// From all over the kinds and the order, half of those with activity, half of those without.
async fn sampled(store: &Store) -> Vec<Sampled> {
    let sql = "SELECT no % 4, eve_id, name, ticker FROM (\
                 (SELECT * FROM suggest_names WHERE activity > 0 ORDER BY hashint4(no) LIMIT $1) UNION ALL \
                 (SELECT * FROM suggest_names WHERE activity = 0 ORDER BY hashint4(no) LIMIT $1)) AS sampled";
    let rows = store.client().await.unwrap().query(sql, &[&(SAMPLED / 2)]).await.unwrap();
    let sampled = rows.iter().map(|row| Sampled {
        kind: ["", "character", "corporation", "alliance"][row.get::<_, i32>(0) as usize],
        id: row.get(1),
        name: row.get(2),
        ticker: row.get(3),
    });
    sampled.collect()
}

async fn times(server: &'static Server, list: &str, names: &[Sampled]) {
    let mut dice = Dice(7);
    let one: Vec<String> = LETTERS.chars().map(String::from).collect();
    let two = one.iter().flat_map(|a| one.iter().map(move |b| format!("{a}{b}"))).collect();
    let misses = |dice: &mut Dice| {
        let letters = 3 + dice.below(10);
        let letter = |dice: &mut Dice| LETTERS.as_bytes()[dice.below(36) as usize] as char;
        (0..letters).map(|_| letter(dice)).collect::<String>()
    };
    let typed: Vec<String> = names.iter().step_by(10).map(|one| one.name.clone()).collect();
    let classes: [(&'static str, Vec<String>); 6] = [
        ("one letter", one.clone()),
        ("two letters", two),
        ("the commonest three letters", trigrams(list)),
        ("letters at random", (0..MISSES).map(|_| misses(&mut dice)).collect()),
        ("whole names", typed.clone()),
        ("names with a slip", typed.iter().map(|name| slipped(name, &mut dice)).collect()),
    ];
    // Once through, so that everything is warm.
    for typed in classes.iter().flat_map(|(_, queries)| queries) {
        server.suggest(typed).await;
    }
    let mut slowest: Vec<(Duration, String)> = Vec::new();
    let mut all = Vec::new();
    println!("| queries | number | p50 | p95 | p99 | slowest |\n|---|---|---|---|---|---|");
    for (name, queries) in classes {
        let times = at_rate(server, &queries).await;
        slowest.extend(times.iter().copied().zip(queries));
        all.extend(times.iter().copied());
        print(name, times);
    }
    print("all", all);
    slowest.sort();
    for (_, typed) in slowest.into_iter().rev().take(WORST) {
        let times = at_rate(server, &vec![typed.clone(); WORST_TIMES]).await;
        print(&format!("`{typed}`, of the slowest, again"), times);
    }
}

/// Sends each on time, and says how long after that each was answered.
async fn at_rate(server: &'static Server, queries: &[String]) -> Vec<Duration> {
    let began = Instant::now();
    let mut asked = Vec::new();
    for (place, typed) in (0..).zip(queries.iter().cloned()) {
        let due = began + Duration::from_secs(1) * place / RATE;
        asked.push(tokio::spawn(async move {
            tokio::time::sleep_until(due.into()).await;
            // The timer wakes up to a millisecond late, which is not the server's.
            let sent = Instant::now();
            server.suggest(&typed).await;
            sent.elapsed()
        }));
    }
    let mut times = Vec::new();
    for asked in asked {
        times.push(asked.await.unwrap());
    }
    times
}

fn print(name: &str, mut times: Vec<Duration>) {
    let count = times.len();
    let [p50, p95, p99, worst] =
        [0.5, 0.95, 0.99, 1.0].map(|share| noctis::bench::percentile(&mut times, share));
    println!("| {name} | {count} | {p50:.1} ms | {p95:.1} ms | {p99:.1} ms | {worst:.1} ms |");
}

fn trigrams(list: &str) -> Vec<String> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for line in list.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let letters: Vec<char> = row["name"].as_str().unwrap().to_lowercase().chars().collect();
        for three in letters.windows(3).filter(|three| !three.contains(&' ')) {
            *counts.entry(three.iter().collect()).or_default() += 1;
        }
    }
    let mut counts: Vec<(u32, String)> = counts.into_iter().map(|(text, n)| (n, text)).collect();
    counts.sort_by(|one, other| other.cmp(one));
    counts.into_iter().take(TRIGRAMS).map(|(_, text)| text).collect()
}

/// A letter wrong, too many, missing, or two swapped.
fn slipped(name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let place = dice.below(letters.len() as u64) as usize;
    let other = LETTERS.as_bytes()[dice.below(26) as usize] as char;
    match dice.below(4) {
        0 => letters[place] = other,
        1 => letters.insert(place, other),
        2 => drop(letters.remove(place)),
        _ => letters.swap(place, (place + 1).min(name.chars().count() - 1)),
    }
    letters.into_iter().collect()
}

/// What is found of what is looked for.
#[derive(Default)]
struct Share(u32, u32);

impl Share {
    fn add(&mut self, is_found: bool) {
        self.0 += u32::from(is_found);
        self.1 += 1;
    }
}

async fn recall(server: &Server, names: &[Sampled]) {
    let mut dice = Dice(9);
    let mut shares: BTreeMap<(&str, &str), Share> = BTreeMap::new();
    for (place, one) in names.iter().enumerate() {
        let active = if place < names.len() / 2 { "active" } else { "least active" };
        let letters: Vec<char> = one.name.chars().collect();
        let Sampled { kind, id, .. } = one;
        let mut add = |what, is_found| shares.entry((what, active)).or_default().add(is_found);
        add("1 exact name", server.finds(&one.name, kind, *id).await);
        if letters.len() >= 4 {
            add("2 begin, from 4 letters on", typed_on(server, one, &letters, 4).await);
        }
        let words: Vec<usize> =
            (1..letters.len()).filter(|place| letters[place - 1] == ' ').collect();
        if !words.is_empty() {
            let word = words[dice.below(words.len() as u64) as usize];
            let to_the_end = typed_on(server, one, &letters[word..], 3).await;
            let typed: Vec<char> =
                letters[word..].iter().chain(&[' ']).chain(&letters[..word]).copied().collect();
            add("3 word, to the name's end", to_the_end);
            add(
                "4 word, and on with its begin",
                to_the_end || typed_on(server, one, &typed, 3).await,
            );
        }
        if letters.len() >= 4 {
            let middle = 1 + dice.below(letters.len() as u64 - 3) as usize;
            let to_the_end = typed_on(server, one, &letters[middle..], 3).await;
            let typed: Vec<char> =
                letters[middle..].iter().chain(&[' ']).chain(&letters[..middle]).copied().collect();
            add("5 middle, to the name's end", to_the_end);
            add(
                "6 middle, and on with its begin",
                to_the_end || typed_on(server, one, &typed, 3).await,
            );
        }
        if letters.len() >= 5 {
            let typed = slipped(&one.name, &mut dice);
            let what = if letters.len() < 9 {
                "7 one slip, 5 to 8 letters"
            } else {
                "8 one slip, 9 letters and more"
            };
            add(what, server.finds(&typed, kind, *id).await);
        }
        if let Some(ticker) = &one.ticker {
            add("9 ticker", server.finds(ticker, kind, *id).await);
        }
    }
    println!("\n| looked for | names | found |\n|---|---|---|");
    for ((what, active), Share(found, all)) in shares {
        println!(
            "| {} ({active}) | {all} | {:.1}% |",
            &what[2..],
            f64::from(found) * 100.0 / f64::from(all)
        );
    }
}

/// Whether it is found at any time while this is typed, letter after letter, from `from` letters on.
async fn typed_on(server: &Server, one: &Sampled, letters: &[char], from: usize) -> bool {
    // Mostly it is there at the end, or never.
    for typed in (from.min(letters.len())..=letters.len()).rev() {
        let typed: String = letters[..typed].iter().collect();
        if server.finds(typed.trim_end(), one.kind, one.id).await {
            return true;
        }
    }
    false
}
