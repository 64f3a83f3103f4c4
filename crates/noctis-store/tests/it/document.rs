//! `docs/sql.md`: each of its questions runs as the role that only reads, touches its months alone, and is answered as the
//! page says.

use std::collections::BTreeSet;
use std::path::Path;

use noctis_store::ingest::Ingester;
use noctis_store::testing::{TestStore, ingest_options, real_files, store_text};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::explain::{plan, tables};

/// Questions on the page at least.
const QUESTIONS_MIN: usize = 20;

/// A question of the page, and the answer that stands below it.
struct Question {
    title: String,
    sql: String,
    answer: String,
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sql.md");
    std::fs::read_to_string(path).unwrap()
}

fn questions(page: &str) -> Vec<Question> {
    let of_title = |part: &str| {
        let (title, rest) = part.split_once('\n').unwrap();
        let (_, rest) = rest.split_once("```sql\n")?;
        let (sql, rest) = rest.split_once("```\n").unwrap();
        let rest = rest.strip_prefix("\n```text\n");
        let rest = rest.unwrap_or_else(|| panic!("no answer stands below {title}"));
        let (answer, _) = rest.split_once("```").unwrap();
        let [title, sql, answer] = [title, sql, answer].map(str::to_owned);
        Some(Question { title, sql, answer })
    };
    page.split("\n### ").skip(1).filter_map(of_title).collect()
}

/// All real killmails, and the names that are known of those on them; None, said aloud, where they are missing.
async fn real() -> Option<TestStore> {
    let files = real_files()?;
    let test = TestStore::new().await;
    let mut ingester = Ingester::new(&test.store, ingest_options()).await.unwrap();
    for (name, bytes) in &files {
        store_text(&mut ingester, name, bytes, 100).await;
    }
    let names =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/names/entities.ndjson");
    let owner = test.database.owner().await;
    let rows = std::fs::read_to_string(names).unwrap();
    let rows = format!("[{}]", rows.trim_end().replace('\n', ","));
    for kind in ["character", "corporation", "alliance"] {
        let put = format!(
            "INSERT INTO {kind}s (eve_id, name) SELECT (r ->> 'id')::bigint, r ->> 'name' \
             FROM jsonb_array_elements($1::text::jsonb) r WHERE r ->> 'kind' = '{kind}' ON CONFLICT DO NOTHING"
        );
        owner.execute(&put, &[&rows]).await.unwrap();
    }
    owner.batch_execute("VACUUM ANALYZE").await.unwrap();
    Some(test)
}

/// As psql writes it, without alignment.
async fn answer(client: &Client, question: &Question) -> String {
    let messages = match client.simple_query(&question.sql).await {
        Ok(messages) => messages,
        Err(error) => panic!("{}: {}", question.title, error.as_db_error().unwrap()),
    };
    let mut lines = Vec::new();
    for message in &messages {
        let cells: Vec<&str> = match message {
            SimpleQueryMessage::RowDescription(columns) => {
                columns.iter().map(|column| column.name()).collect()
            }
            SimpleQueryMessage::Row(row) => {
                (0..row.len()).map(|index| row.get(index).unwrap_or("")).collect()
            }
            _ => continue,
        };
        lines.push(cells.join(" | ").trim_end().to_owned());
    }
    assert!(lines.len() > 1, "{} finds nothing", question.title);
    lines.join("\n") + "\n"
}

/// The months between the first and the last time that a question names, as leaves are named.
fn months(sql: &str) -> BTreeSet<String> {
    let times: Vec<&str> =
        sql.split('\'').skip(1).step_by(2).filter(|text| text.ends_with("+00")).collect();
    let (Some(from), Some(to)) = (times.iter().min(), times.iter().max()) else {
        return BTreeSet::new();
    };
    let month = |time: &str| -> i32 {
        time[..4].parse::<i32>().unwrap() * 12 + time[5..7].parse::<i32>().unwrap() - 1
    };
    // What ends at the beginning of a month does not touch it.
    let last = if to[8..].starts_with("01 00:00:00") { month(to) - 1 } else { month(to) };
    (month(from)..=last).map(|month| format!("{}_{:02}", month / 12, month % 12 + 1)).collect()
}

#[tokio::test]
async fn every_question_of_the_page_is_answered_as_it_says_and_touches_its_months_alone() {
    let Some(test) = real().await else { return };
    let reader = test.database.reader().await;
    let page = page();
    let questions = questions(&page);
    assert!(questions.len() >= QUESTIONS_MIN, "{} questions", questions.len());
    let mut true_page = page.clone();
    for question in &questions {
        let allowed = months(&question.sql);
        for table in tables(&plan(&reader, question.sql.trim_end().trim_end_matches(';')).await) {
            if let Some((_, month)) = table.split_once("_20") {
                let month = format!("20{month}");
                assert!(allowed.contains(&month), "{} reads {table}", question.title);
            }
        }
        let answer = answer(&reader, question).await;
        let written = |answer: &str| format!("{}```\n\n```text\n{answer}```", question.sql);
        true_page = true_page.replace(&written(&question.answer), &written(&answer));
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sql.md");
    std::fs::write(&path, &true_page).unwrap();
    assert!(true_page == page, "docs/sql.md is not true any more; {} is", path.display());
}
