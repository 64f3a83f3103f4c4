//! Statements as they were sent, sent again: bare, or explained.

use bytes::BytesMut;
use deadpool_postgres::Object;
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error as StdError;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::{Result, Store};

/// One statement with the very parameters it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub sql: String,
    /// Prepared once and kept by its session; else planned each time.
    pub(super) is_prepared: bool,
    /// The types that were given with it; PostgreSQL infers those of a prepared one.
    pub(super) types: Vec<u32>,
    /// As on the wire, binary; None is null.
    pub(super) values: Vec<Option<Vec<u8>>>,
}

/// What PostgreSQL tells of a statement, or of several taken together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Milliseconds until PostgreSQL knew how: most of the time of who asks many empty months.
    pub planning_ms: f64,
    /// Pages of 8 kB that were looked at, in memory or not, without those of planning.
    pub buffers: u64,
    /// Leaves of the partitioned tables that were looked into; a flat table counts as one.
    pub leaves: BTreeSet<String>,
}

impl Told {
    /// Adds what another statement did.
    pub fn add(&mut self, other: Told) {
        self.planning_ms += other.planning_ms;
        self.buffers += other.buffers;
        self.leaves.extend(other.leaves);
    }

    fn of(plan: &Value) -> Told {
        let root = &plan[0]["Plan"];
        let blocks = |key: &str| root[key].as_u64().unwrap_or(0);
        let mut told = Told {
            planning_ms: plan[0]["Planning Time"].as_f64().unwrap_or(0.0),
            buffers: blocks("Shared Hit Blocks") + blocks("Shared Read Blocks"),
            leaves: BTreeSet::new(),
        };
        told.visit(root);
        told
    }

    fn visit(&mut self, node: &Value) {
        let was_run = node["Actual Loops"].as_f64().is_some_and(|loops| loops > 0.0);
        if let (true, Some(table)) = (was_run, node["Relation Name"].as_str())
            && GROUP.iter().any(|parent| table.starts_with(parent))
        {
            self.leaves.insert(table.to_owned());
        }
        node["Plans"].as_array().into_iter().flatten().for_each(|child| self.visit(child));
    }
}

/// The tables whose leaves begin with their names.
const GROUP: [&str; 3] = ["killmails_raw", "killmails_enriched", "killmail_participants"];

/// A session that sends statements again, and changes nothing.
pub struct Replay(Object);

impl Replay {
    /// Takes a connection for good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn new(store: &Store) -> Result<Replay> {
        let client = store.client().await?;
        client.batch_execute(include_str!("../../sql/bench/read_only.sql")).await?;
        Ok(Replay(client))
    }

    /// Sends the statements one after another as they were sent first, and reads their rows.
    ///
    /// # Errors
    /// When the database does not answer, or one of them would write.
    pub async fn run(&self, statements: &[Sent]) -> Result<()> {
        for sent in statements {
            if sent.is_prepared {
                let prepared = self.0.prepare_cached(&sent.sql).await?;
                let values = sent.raw(prepared.params());
                let values: Vec<&(dyn ToSql + Sync)> =
                    values.iter().map(|(raw, _)| raw as _).collect();
                self.0.query(&prepared, &values).await?;
            } else {
                let values = sent.raw(&sent.given());
                self.0.query_typed(&sent.sql, &typed(&values)).await?;
            }
        }
        Ok(())
    }

    /// Runs the statements under EXPLAIN ANALYZE and adds up what they do.
    ///
    /// # Errors
    /// As for [`Replay::run`].
    pub async fn explain(&self, statements: &[Sent]) -> Result<Told> {
        let mut told = Told::default();
        for sent in statements {
            let types = if sent.is_prepared {
                self.0.prepare_cached(&sent.sql).await?.params().to_vec()
            } else {
                sent.given()
            };
            let sql = format!("{}{}", include_str!("../../sql/bench/explain.sql"), sent.sql);
            let values = sent.raw(&types);
            let row = self.0.query_typed_one(&sql, &typed(&values)).await?;
            told.add(Told::of(&row.get(0)));
        }
        Ok(told)
    }
}

impl Sent {
    fn given(&self) -> Vec<Type> {
        self.types.iter().map(|oid| Type::from_oid(*oid).unwrap_or(Type::UNKNOWN)).collect()
    }

    fn raw(&self, types: &[Type]) -> Vec<(Raw<'_>, Type)> {
        self.values.iter().map(|value| Raw(value.as_deref())).zip(types.iter().cloned()).collect()
    }
}

fn typed<'a>(values: &'a [(Raw<'a>, Type)]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|(raw, ty)| (raw as &(dyn ToSql + Sync), ty.clone())).collect()
}

/// A parameter in PostgreSQL's own binary form, of whatever type.
#[derive(Debug)]
struct Raw<'a>(Option<&'a [u8]>);

impl ToSql for Raw<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        Ok(self.0.map_or(IsNull::Yes, |bytes| {
            out.extend_from_slice(bytes);
            IsNull::No
        }))
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_leaves_that_were_looked_into_count() {
        let scan = |table: &str, loops: u32| json!({"Relation Name": table, "Actual Loops": loops});
        let plan = json!([{"Plan": {
            "Shared Hit Blocks": 7, "Shared Read Blocks": 2, "Actual Loops": 1,
            "Plans": [scan("killmails_raw_2025_06", 1), scan("killmails_raw_2025_06", 3),
                scan("killmails_raw_2025_05", 0), scan("systems", 1)],
        }, "Planning": {"Shared Hit Blocks": 100}, "Planning Time": 1.5}]);
        let told = Told::of(&plan);
        assert_eq!((told.buffers, told.planning_ms), (9, 1.5));
        assert_eq!(told.leaves, BTreeSet::from(["killmails_raw_2025_06".to_owned()]));
    }
}
