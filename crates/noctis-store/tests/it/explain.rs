//! Query plans as a test reads them: which leaves are touched, by which indexes.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio_postgres::{Client, SimpleQueryMessage};

/// The plan of a statement as PostgreSQL's JSON.
pub(crate) async fn plan(client: &Client, statement: &str) -> Value {
    let rows = client.simple_query(&format!("EXPLAIN (FORMAT JSON) {statement}")).await;
    let rows = rows.unwrap_or_else(|error| panic!("{}\n{statement}", error.as_db_error().unwrap()));
    let text = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    serde_json::from_str(text.unwrap()).unwrap()
}

/// Every table a plan reads, partitions by their own names.
pub(crate) fn tables(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(plan, &mut |node| {
        if let Some(table) = node.get("Relation Name").and_then(Value::as_str) {
            found.insert(table.to_owned());
        }
    });
    found
}

/// How each table is read: `killmails_raw_2025_06 Index Scan killmails_raw_2025_06_pkey`.
pub(crate) fn scans(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = |node: &Value, key: &str| {
        node.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    visit(plan, &mut |node| {
        let kind = text(node, "Node Type");
        if kind.contains("Scan")
            && (node.get("Relation Name").is_some() || kind == "Bitmap Index Scan")
        {
            let scan =
                format!("{} {kind} {}", text(node, "Relation Name"), text(node, "Index Name"));
            found.insert(scan.trim().to_owned());
        }
    });
    found
}

fn visit(value: &Value, see: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| visit(value, see)),
        Value::Object(fields) => {
            see(value);
            fields.values().for_each(|value| visit(value, see));
        }
        _ => {}
    }
}
